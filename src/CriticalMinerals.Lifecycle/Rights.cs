using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>How the one who speaks stands to the chain.</summary>
public enum Relation
{
    /// <summary>The log's authority key.</summary>
    Authority,

    /// <summary>The log itself, by the key that the event asks for: authority or recovery.</summary>
    LogKey,

    /// <summary>The operator whose own keys or grants the chain holds.</summary>
    Self,

    /// <summary>Whoever opens the chain, with the grant for its identifier.</summary>
    Founder,

    /// <summary>Responsible for the battery; holder of the lot or part.</summary>
    Keeper,

    /// <summary>Whoever opened the chain, whoever holds it now.</summary>
    Opener,

    /// <summary>The operator to whom responsibility for the battery is offered.</summary>
    Offered,

    /// <summary>The signer of the entry of this chain that is referenced.</summary>
    Signer,

    /// <summary>Anybody enrolled with the role: may observe, never move or close.</summary>
    Observer,
}

/// <summary>One way to be allowed to say something: a relation and, where there are any, one of these roles.</summary>
public readonly record struct Right(Relation Relation, IReadOnlyList<Role> Roles)
{
    public override string ToString()
    {
        var who = Relation switch
        {
            Relation.Authority => "the log's authority",
            Relation.LogKey => "the log's authority or recovery key",
            Relation.Self => "the operator itself",
            Relation.Founder => "whoever opens the chain",
            Relation.Keeper => "the responsible operator or holder",
            Relation.Opener => "whoever opened the chain",
            Relation.Offered => "the operator to whom responsibility is offered",
            Relation.Signer => "the signer of the entry referenced",
            _ => "any operator",
        };
        return Roles.Count == 0 ? who : $"{who} with role {string.Join(" or ", Roles.Select(r => KebabCase.Of(r.ToString())))}";
    }

    /// <summary>Whether it applies, and whether the relation alone does.</summary>
    internal (bool Relation, bool Role) Test(Situation now)
    {
        var roles = Roles;
        return (Holds(now), roles.Count == 0 || HasOneOf(now.Roles, roles));
    }

    private static bool HasOneOf(IReadOnlyList<Role> held, IReadOnlyList<Role> asked)
    {
        for (var i = 0; i < held.Count; i++)
        {
            if (asked.Contains(held[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool Holds(Situation now)
    {
        var entry = now.Entry;
        var isLog = now.IsLog;
        return Relation switch
        {
            Relation.Authority => isLog && now.Key.Use == KeyUse.Authority,
            Relation.LogKey => isLog,
            _ when isLog => false,
            Relation.Self => entry.Subject == entry.Actor || entry.Subject == Names.GrantsChain(entry.Actor),
            Relation.Founder => now.Chain is null,
            Relation.Keeper => now.Chain is { } chain && chain.Keeper == entry.Actor,
            Relation.Opener => now.Chain?.Opener == entry.Actor,
            Relation.Offered => now.Chain is BatteryState { Offer.To: var to } && to == entry.Actor,
            Relation.Signer => entry.References.Any(r =>
                // Of this chain: who signed something elsewhere is a stranger here.
                now.Referenced(r.Entry) is { } fact && fact.Subject == entry.Subject && (fact.Issuer == entry.Issuer || fact.Issuer == entry.Actor)),
            _ => true,
        };
    }
}

using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority lets an operator in: its name, its roles, its first key.</summary>
[Description("The authority lets an operator in, with its name, roles and first key.")]
public sealed record OperatorEnrolled : LifecycleEvent
{
    [Structural("The operator's DID, equal to the chain's name.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:mine.example")]
    public required string Operator { get; init; }

    [Informative("Name of the firm or authority. Absent for a natural person.", Law = "Regulation (EU) 2023/1542 Art. 38(7)")]
    [Text(MaximumLength = 200)]
    [Example("Example Mine plc")]
    public string? Name { get; init; }

    [Erasable(AccessClass.R, "Name of a natural person, who is enrolled under a pseudonymous DID.")]
    [Text(MaximumLength = 200)]
    [Example("Maria Muster")]
    public string? PersonName { get; init; }

    [Structural("What the operator is enrolled to do.")]
    public required IReadOnlyList<Role> Roles { get; init; }

    [Structural("The operator's first key.")]
    public required KeyDeclaration Key { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Claims.Add(ClaimName.PublicKey(Key.Jwk.X));

    public override Refusal? Check(Situation now)
    {
        if (Operator != now.Entry.Subject)
        {
            return new Refusal(RefusalCode.DataInvalid, "operator equals the chain's name.");
        }

        // Withheld names refuse nothing: an erased person stays enrolled.
        if (Name is not null && PersonName is not null || (Name is null && PersonName is null && now.Signed.Withheld == 0))
        {
            return new Refusal(RefusalCode.DataInvalid, "Exactly one of name and personName is given.");
        }

        return Roles.Distinct().Count() != Roles.Count
            ? new Refusal(RefusalCode.DataInvalid, "roles names each role once.")
            : Key.Check(Operator, KeyUse.Operator, now);
    }

    public override ChainState Apply(Situation now)
    {
        now.Claim(ClaimName.PublicKey(Key.Jwk.X), Key.Kid);
        return new OperatorState
        {
            Subject = now.Entry.Subject,
            Opener = now.Entry.Issuer,
            Keys = new KeyRing([Key.Register(KeyUse.Operator, now)]),
            Roles = Roles,
        };
    }
}

using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority grants a prefix of a naming scheme: identifiers are granted, not grabbed.</summary>
[Description("The authority grants an operator a prefix of a naming scheme.")]
public sealed record IdentifierGranted : LifecycleEvent
{
    [Structural("Naming scheme: gtin (compared from the second digit), giai, gbt34014, ….")]
    [Text(Pattern = "^[a-z][a-z0-9-]{0,31}$")]
    [Example("gtin")]
    public required string Scheme { get; init; }

    [Structural("Prefix in that scheme.")]
    [Text(Pattern = "^[0-9A-Za-z-]{1,30}$")]
    [Example("9521234")]
    public required string Prefix { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Grants.Add((Scheme, Prefix));

    public override Refusal? Check(Situation now)
    {
        if (GrantsChain.Before(now).Identifiers.Contains(new GrantedIdentifier(Scheme, Prefix)))
        {
            return new Refusal(RefusalCode.AlreadySo, "The operator holds this prefix already.");
        }

        return now.OverlappingGrant(Scheme, Prefix, GrantsChain.Holder(now)) is null
            ? null
            : new Refusal(RefusalCode.IdentifierOverlap, $"Another operator holds a {Scheme} prefix that begins {Prefix} or is begun by it.");
    }

    public override ChainState Apply(Situation now)
    {
        now.Claim(ClaimName.Grant(Scheme, Prefix), GrantsChain.Holder(now));
        var before = GrantsChain.Before(now);
        return before with { Identifiers = [.. before.Identifiers, new GrantedIdentifier(Scheme, Prefix)] };
    }
}

using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>The authority takes a prefix back; chains opened under it stay.</summary>
[Description("The authority takes a prefix back; chains opened under it stay.")]
public sealed record IdentifierWithdrawn : LifecycleEvent
{
    [Structural("Naming scheme.")]
    [Text(Pattern = "^[a-z][a-z0-9-]{0,31}$")]
    [Example("gtin")]
    public required string Scheme { get; init; }

    [Structural("Prefix in that scheme, exactly as granted.")]
    [Text(Pattern = "^[0-9A-Za-z-]{1,30}$")]
    [Example("9521234")]
    public required string Prefix { get; init; }

    public override Refusal? Check(Situation now) =>
        GrantsChain.Before(now).Identifiers.Contains(new GrantedIdentifier(Scheme, Prefix)) ? null : new Refusal(RefusalCode.AlreadySo, "The operator does not hold this prefix.");

    public override ChainState Apply(Situation now)
    {
        now.Claim(ClaimName.Grant(Scheme, Prefix), null);
        var before = GrantsChain.Before(now);
        return before with { Identifiers = [.. before.Identifiers.Where(i => i != new GrantedIdentifier(Scheme, Prefix))] };
    }
}

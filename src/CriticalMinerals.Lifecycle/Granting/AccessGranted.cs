using System.ComponentModel;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Granting;

/// <summary>
/// The responsible operator lets a party see what this battery's passport keeps for those with a legitimate interest (Regulation (EU) 2023/1542 Art. 77(2)(c)):
/// an operator by its DID, a person by what an OpenID Connect issuer calls it, which is disclosed and can be forgotten.
/// </summary>
[Description("The responsible operator lets a party with a legitimate interest see this battery's restricted data, for a purpose and until a day.")]
public sealed record AccessGranted : BatteryEvent
{
    /// <summary>Most grants in force on one battery; the state that every rule loads stays small.</summary>
    public const int Maximum = 64;

    [Structural("The operator that may see; absent when it is a person.")]
    [Text(MaximumLength = 200)]
    [Example("did:web:workshop.example")]
    public string? To { get; init; }

    [Structural("As whom it may see: the legitimate interest.")]
    public required LegitimateInterest Interest { get; init; }

    [Structural("Until when, in seconds since 1970-01-01T00:00:00Z. A claim: the service stops answering then, no entry is refused for it.", Minimum = "0", Maximum = "253402300799", Unit = "s")]
    [Example("1830297600")]
    public required long Until { get; init; }

    [Erasable(AccessClass.R, "The person that may see, as an OpenID Connect issuer knows it (sub).")]
    [Text(MaximumLength = 255)]
    [Example("248289761001")]
    public string? Person { get; init; }

    [Erasable(AccessClass.R, "The issuer that knows the person (iss).")]
    [Text(MaximumLength = 255)]
    [Example("https://login.example.com/")]
    public string? Issuer { get; init; }

    protected override IReadOnlyList<BatteryStage> When => [.. Alive, BatteryStage.Released];

    public override void Need(Needs needs, Entry entry)
    {
        if (To is not null)
        {
            needs.Chains.Add(To);
        }
    }

    protected override Refusal? Check(BatteryState battery, Situation now)
    {
        // The digests tell without being opened: what may be forgotten refuses nothing.
        if (now.Entry.Digests.Count != (To is null ? 2 : 0))
        {
            return new Refusal(RefusalCode.DataInvalid, "Access is granted to an operator (to) or to a person (person with issuer), to one of them.");
        }

        return To is not null && now.Other(To) is not OperatorState && !now.IsExcerpt ? new Refusal(RefusalCode.OperatorUnknown, "to names an operator enrolled in this log.")
            : battery.Access.Count >= Maximum ? new Refusal(RefusalCode.OutOfOrder, $"{Maximum} grants are in force on this battery: revoke one by access-revoked.v1 first.")
            : null;
    }

    protected override BatteryState Apply(BatteryState battery, Situation now) =>
        battery with { Access = [.. battery.Access, new GrantedAccess(now.Entry.LeafHash, To, Interest, Until)] };
}

/// <summary>Legitimate interests that can be granted; the audiences of the same names.</summary>
public enum LegitimateInterest
{
    Repairer,
    Remanufacturer,
    SecondLifeOperator,
    Recycler,
    Purchaser,
}

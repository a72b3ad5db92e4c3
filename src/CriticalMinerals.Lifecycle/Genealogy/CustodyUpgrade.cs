using System.Text.Json.Serialization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>A lot claims a stronger custody model for what it holds than what went in carries: a claim may be downgraded and never upgraded (ISO 22095).</summary>
/// <param name="Chain">The lot.</param>
/// <param name="Entry">Leaf hash of the entry that opened it, where the claim stands.</param>
/// <param name="Element">The element.</param>
/// <param name="Claimed">The model claimed.</param>
/// <param name="Carried">The strongest that it can be.</param>
public sealed record CustodyUpgrade(string Chain, [property: JsonConverter(typeof(DigestConverter))] Digest Entry, Mineral Element, CustodyModel Claimed, CustodyModel Carried);

/// <summary>How a claim is worded for the public, by its custody model.</summary>
public static class CustodyWording
{
    /// <summary>The word that may stand before the claim: a thing contains what reached it, and nothing else.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such model.</exception>
    public static string Of(CustodyModel model) => model switch
    {
        CustodyModel.IdentityPreserved or CustodyModel.Segregated or CustodyModel.ControlledBlending => "contains",
        CustodyModel.MassBalanceRollingAverage => "average",
        CustodyModel.MassBalanceCredit => "attributed",
        CustodyModel.BookAndClaim => "supported",
        _ => throw new ArgumentOutOfRangeException(nameof(model)),
    };
}

using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>A registry took the passport in: the EU registry of digital product passports, a national platform.</summary>
[Description("A registry took the passport in and answered with an identifier.")]
public sealed record PassportRegistered : BatteryEvent
{
    [Informative("The registry.", Law = "Regulation (EU) 2024/1781 Art. 13; Implementing Regulation (EU) 2026/1778")]
    [Text(MaximumLength = 200)]
    [Example("EU digital product passport registry")]
    public required string Registry { get; init; }

    [Informative("Identifier that the registry gave.")]
    [Text(MaximumLength = 200)]
    [Example("EU-DPP-2027-00000001")]
    public required string RegistrationIdentifier { get; init; }

    [Informative("SHA-256 of the version registered, base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg")]
    public string? RegisteredSha256 { get; init; }

    [Informative("Commodity code: HS, CN or TARIC, 6 to 10 digits.")]
    [Text(Pattern = "^[0-9]{6,10}$")]
    [Example("85076000")]
    public string? CommodityCode { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;
}

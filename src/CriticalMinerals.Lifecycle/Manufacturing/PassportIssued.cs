using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Manufacturing;

/// <summary>The responsible operator issues the battery's passport under an identifier, and says how it is reached.</summary>
[Description("The responsible operator issues the battery's passport.")]
public sealed record PassportIssued : BatteryEvent
{
    [Informative("Identifier of the passport, a URI.", Law = "Regulation (EU) 2023/1542 Art. 77(3)")]
    [Text(MaximumLength = 300, Pattern = "^[a-z][a-z0-9+.-]*:[!-~]+$")]
    [Example("urn:uuid:5b0f3a5e-2f4b-4b6a-9a53-8d8f2f7a0c75")]
    public required string PassportIdentifier { get; init; }

    [Informative("The operator responsible, as it wants to be reached.", Law = "Regulation (EU) 2023/1542 Art. 77(4); Regulation (EU) 2024/1781 Annex III(h)")]
    public required Contact Operator { get; init; }

    [Informative("Facility identifier.", Law = "EN 18223:2026")]
    [Text(MaximumLength = 100)]
    [Example("9506000000019")]
    public string? Facility { get; init; }

    [Informative("Who keeps the back-up copy.", Law = "Regulation (EU) 2024/1781 Art. 10(4)")]
    [Text(MaximumLength = 300)]
    [Example("did:web:backup.example")]
    public string? BackupProvider { get; init; }

    protected override IReadOnlyList<BatteryStage> When => Alive;
}

/// <summary>How an operator is reached. A firm's data, never a person's.</summary>
public sealed record Contact
{
    [Description("Name or trade mark.")]
    [Text(MaximumLength = 200)]
    [Example("Havel Energy Packs GmbH")]
    public required string Name { get; init; }

    [Description("Postal address.")]
    [Text(MaximumLength = 300)]
    [Example("Am Kanal 1, 14770 Brandenburg an der Havel, Germany")]
    public required string Address { get; init; }

    [Description("Web address.")]
    [Text(MaximumLength = 300, Pattern = "^https://[!-~]+$")]
    [Example("https://havel-energy.example")]
    public string? Web { get; init; }

    [Description("Mail address of the firm.")]
    [Text(MaximumLength = 200, Pattern = "^[!-~]+@[!-~]+$")]
    [Example("passport@havel-energy.example")]
    public string? Mail { get; init; }
}

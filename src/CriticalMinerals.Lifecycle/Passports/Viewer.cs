using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Who looks: an audience, the operator behind it if there is one, and where the audience applies.</summary>
/// <param name="Audience">As whom.</param>
public sealed record Viewer(Audience Audience)
{
    /// <summary>Everybody.</summary>
    public static Viewer Public { get; } = new(Audience.Public);

    /// <summary>The policy in force.</summary>
    public AccessPolicy Policy { get; init; } = AccessPolicy.Default;

    /// <summary>DID of the operator that asks; null for the public and for persons.</summary>
    public string? Operator { get; init; }

    /// <summary>Chains to which the audience is limited, as a grant is to one battery and its model; null for all.</summary>
    public IReadOnlyCollection<string>? Chains { get; init; }

    /// <summary>Chains for which the operator is responsible or which it holds.</summary>
    public IReadOnlyCollection<string> Kept { get; init; } = [];

    /// <summary>Whether the log's authority opened the confidential quantities to this auditor.</summary>
    public bool SeesQuantities { get; init; }

    /// <summary>Names of the only disclosed properties to show, chosen by whoever asks; null for all that may be seen.</summary>
    public IReadOnlyCollection<string>? Chosen { get; init; }

    /// <summary>Whether values of a class may be seen by the audience as such, whoever signed them.</summary>
    public bool MaySee(AccessClass access) => Policy.MaySee(Audience, access) || (access == AccessClass.C && SeesQuantities);

    /// <summary>Whether values of a class in this entry may be seen.</summary>
    public bool MaySee(Entry entry, AccessClass access) =>
        access == AccessClass.P
        || (Operator is not null && (entry.Issuer == Operator || entry.Actor == Operator || Kept.Contains(entry.Subject)))
        || (Chains?.Contains(entry.Subject) != false && MaySee(access));

    /// <summary>Whether a disclosure of this entry may be seen: by the class of its property; quantities and codes of lines are of class C.</summary>
    public bool MaySee(SignedEntry signed, Disclosure disclosure) =>
        (Chosen is null || Chosen.Contains(disclosure.Name)) &&
        EventType.ClassOf(signed, disclosure) is { } access && MaySee(signed.Entry, access);

    /// <summary>The entry with the disclosures that may be seen.</summary>
    public SignedEntry See(SignedEntry signed) => signed.Only(d => MaySee(signed, d));
}

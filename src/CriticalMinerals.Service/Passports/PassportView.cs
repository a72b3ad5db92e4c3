using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Passports;

/// <summary>What a page shows: the passport, and what stands around it.</summary>
/// <param name="Passport">The passport as its reader sees it.</param>
/// <param name="Head">The statement which entry is the newest.</param>
/// <param name="AsOf">The size asked for; null for now.</param>
/// <param name="Address">Where the ledger is.</param>
/// <param name="Reader">Who reads; null for everybody.</param>
public sealed record PassportView(BatteryPassport Passport, HeadStatement Head, long? AsOf, PublicAddress Address, string? Reader)
{
    /// <summary>The page's path on this host.</summary>
    public string Path => "/" + Gs1.Path(Passport.Battery);

    /// <summary>Whether newer entries stand in the log than the page shows.</summary>
    public bool IsPast => Head.Head != Passport.Head;

    /// <summary>The serial number, asset number or UUID by which people tell batteries apart.</summary>
    public string ShortName => Passport.Battery[(Passport.Battery.LastIndexOfAny(['/', ':']) + 1)..];

    /// <summary>The statement that holds for an attribute of the battery or its model.</summary>
    public PassportStatement? Current(string name) => Attribute(name) is { } attribute ? Shown.Current(attribute) : null;

    /// <summary>The text that holds for an attribute, with its unit; null when there is none or it is withheld.</summary>
    public string? Text(string name) => Current(name)?.Value is { } value ? Shown.Text(value, Attribute(name)!) : null;

    /// <summary>The chain that gave something, when the audience may read it.</summary>
    public PassportGiver? Giver(string? chain) => Passport.Givers.FirstOrDefault(g => g.Chain == chain);

    private PassportAttribute? Attribute(string name) => Passport.Attributes.FirstOrDefault(a => a.Name == name);
}

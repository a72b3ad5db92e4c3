using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>Where something was mined, refined or made. A site, never a person's address.</summary>
public sealed record Place
{
    [Description("Country, ISO 3166-1 alpha-2, upper case.")]
    [Text(Pattern = "^[A-Z]{2}$")]
    [Example("FI")]
    public required string Country { get; init; }

    [Description("Town and region.")]
    [Text(MaximumLength = 200)]
    [Example("Harjavalta")]
    public string? Locality { get; init; }

    [Description("Name of the site or plant.")]
    [Text(MaximumLength = 200)]
    [Example("Harjavalta refinery")]
    public string? Name { get; init; }

    [Description("Facility identifier in the operator's scheme, such as a GLN or an RMI smelter number.")]
    [Text(MaximumLength = 100)]
    [Example("CID003387")]
    public string? Facility { get; init; }
}

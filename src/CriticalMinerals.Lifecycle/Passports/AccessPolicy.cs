using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// The one decision who sees what. What Annex XIII and Art. 77(2) fix is fixed; what the implementing act of Art. 77(9) is to settle can be set: which
/// data of points 2 and 4 each legitimate interest opens, which roles may claim it, and whether authorities see data of the individual battery.
/// </summary>
public sealed record AccessPolicy
{
    private static readonly AccessClass[] Interest = [AccessClass.R, AccessClass.U];
    private static readonly AccessClass[] Authority = [AccessClass.R, AccessClass.C];

    /// <summary>The strict reading of Annex XIII: point 2 and 4 for legitimate interests, point 2 and 3 for authorities.</summary>
    public static AccessPolicy Default { get; } = new();

    /// <summary>Audiences with a legitimate interest.</summary>
    public static IReadOnlyList<Audience> Interests { get; } = [Audience.Repairer, Audience.Remanufacturer, Audience.SecondLifeOperator, Audience.Recycler, Audience.Purchaser];

    /// <summary>Audiences that are authorities.</summary>
    public static IReadOnlyList<Audience> Authorities { get; } = [Audience.NotifiedBody, Audience.MarketSurveillance, Audience.Commission];

    /// <summary>Whether authorities see data of the individual battery (Annex XIII point 4), which Art. 77(2) does not name for them.</summary>
    public bool AuthoritiesSeeIndividualData { get; init; }

    /// <summary>Which of <see cref="AccessClass.R"/> and <see cref="AccessClass.U"/> a legitimate interest opens, where it is not both.</summary>
    public IReadOnlyDictionary<Audience, IReadOnlyList<AccessClass>> InterestClasses { get; init; } = new Dictionary<Audience, IReadOnlyList<AccessClass>>();

    /// <summary>Which roles may read as whom on any battery; whoever is not named here needs a grant of the responsible operator.</summary>
    public IReadOnlyDictionary<Audience, IReadOnlyList<Role>> Roles { get; init; } = new Dictionary<Audience, IReadOnlyList<Role>>
    {
        [Audience.Repairer] = [Role.Repairer],
        [Audience.Remanufacturer] = [Role.SecondLifeOperator, Role.BatteryMaker],
        [Audience.SecondLifeOperator] = [Role.SecondLifeOperator],
        [Audience.Recycler] = [Role.Recycler, Role.Dismantler, Role.Collector],
        [Audience.NotifiedBody] = [Role.Inspector],
        [Audience.MarketSurveillance] = [Role.PublicAuthority],
        [Audience.Commission] = [Role.PublicAuthority],
        [Audience.Auditor] = [Role.Auditor],
    };

    /// <summary>Whether an audience may see values of a class. A lattice: neither legitimate interest nor authority contains the other.</summary>
    public bool MaySee(Audience audience, AccessClass access) => access == AccessClass.P || audience switch
    {
        Audience.Public or Audience.Own or Audience.Auditor => false,
        Audience.NotifiedBody or Audience.MarketSurveillance or Audience.Commission => Authority.Contains(access) || (access == AccessClass.U && AuthoritiesSeeIndividualData),
        _ => Interest.Contains(access) && (!InterestClasses.TryGetValue(audience, out var classes) || classes.Contains(access)),
    };

    /// <summary>The wire name of an audience, which is also the <c>purpose</c> of a caller token: <c>second-life-operator</c>.</summary>
    public static string Wire(Audience audience) => KebabCase.Of(audience.ToString());

    /// <summary>The audience of that wire name, or null.</summary>
    public static Audience? Find(string? wire) => Enum.GetValues<Audience>().Cast<Audience?>().FirstOrDefault(a => Wire(a!.Value) == wire);
}

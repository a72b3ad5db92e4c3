namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// For whom a passport is shown: the groups of Regulation (EU) 2023/1542 Art. 77(2). Neither of the restricted ones contains the other.
/// </summary>
public enum Audience
{
    /// <summary>Everybody: no login, no app.</summary>
    Public,

    /// <summary>A natural or legal person with a legitimate interest: repairers, remanufacturers, second-life operators, recyclers, the battery's purchaser.</summary>
    LegitimateInterest,

    /// <summary>Notified bodies, market surveillance authorities and the Commission.</summary>
    Authority,
}

/// <summary>The one decision who sees what.</summary>
public static class Audiences
{
    /// <summary>Whether an audience may see values of a class (Annex XIII points 1 to 4). A lattice: the strict reading keeps data of the individual battery from authorities.</summary>
    public static bool MaySee(this Audience audience, AccessClass access) => access switch
    {
        AccessClass.P => true,
        AccessClass.R => audience is Audience.LegitimateInterest or Audience.Authority,
        AccessClass.C => audience is Audience.Authority,
        AccessClass.U => audience is Audience.LegitimateInterest,
        _ => throw new ArgumentOutOfRangeException(nameof(access)),
    };
}

using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Service.Passports;

/// <summary>What stands in an address made into the name of a battery's chain. What is malformed is refused, never guessed at.</summary>
public static class BatteryName
{
    /// <summary>From <c>/01/{gtin}/21/{serial}</c>.</summary>
    public static string? Serialised(string gtin, string serial, out Problem? problem)
    {
        if (!Gs1.IsGtin(gtin))
        {
            problem = Malformed("A GTIN has 14 digits, the last of them a check digit (GS1 General Specifications). This one does not fit.");
            return null;
        }

        return Checked($"https://id.gs1.org/01/{gtin}/21/{serial}", Gs1.IsSerialised, "A serial number has 1 to 20 digits, capital letters A to Z and hyphens.", out problem);
    }

    /// <summary>From <c>/8004/{giai}</c>.</summary>
    public static string? Asset(string giai, out Problem? problem) =>
        Checked($"https://id.gs1.org/8004/{giai}", Gs1.IsAsset, "A GIAI has 5 to 30 digits, capital letters A to Z and hyphens.", out problem);

    /// <summary>From <c>/id/{uuid}</c>; symbols carry it in upper case.</summary>
    public static string? Uuid(string uuid, out Problem? problem) =>
        Checked("urn:uuid:" + uuid.ToLowerInvariant(), Gs1.IsUuid, "A UUID has 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.", out problem);

    /// <summary>The refusal of an address that names nothing.</summary>
    public static Problem Malformed(string detail) => new(400, "address-malformed", "Not an address of a battery", detail);

    private static string? Checked(string name, Func<string, bool> isRight, string form, out Problem? problem)
    {
        problem = isRight(name) ? null : Malformed(form);
        return problem is null ? name : null;
    }
}

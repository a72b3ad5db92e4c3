using System.Text.RegularExpressions;

namespace CriticalMinerals.Lifecycle.Values;

/// <summary>
/// The identifiers that stand in chain names: GS1 Digital Link URIs on <c>id.gs1.org</c> with keys 01 (GTIN), 8004 (GIAI) and qualifiers 21 (serial),
/// 10 (lot), and <c>urn:uuid:</c>. One spelling each: what differs by case, order or percent-encoding is another name and is refused.
/// </summary>
public static partial class Gs1
{
    private const string Root = "https://id.gs1.org/";

    /// <summary>A GTIN of 14 digits with its right check digit (GS1 General Specifications section 7.9.1).</summary>
    public static bool IsGtin(string text)
    {
        if (text.Length != 14 || !text.All(char.IsAsciiDigit))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < 13; i++)
        {
            sum += (text[i] - '0') * (i % 2 == 0 ? 3 : 1);
        }

        return (10 - (sum % 10)) % 10 == text[13] - '0';
    }

    /// <summary>Whether the chain name is that of one battery or one part: GTIN + serial, GIAI, or a UUID.</summary>
    public static bool IsItem(string subject) => IsSerialised(subject) || IsAsset(subject) || IsUuid(subject);

    /// <summary>Whether the chain name is that of a lot or a batch of parts: GTIN + lot, or a UUID.</summary>
    public static bool IsLot(string subject) => (Lot().Match(subject) is { Success: true } m && IsGtin(m.Groups[1].Value)) || IsUuid(subject);

    /// <summary>Whether the chain name is <c>urn:uuid:</c> with a UUID in lower case.</summary>
    public static bool IsUuid(string subject) => Uuid().IsMatch(subject);

    /// <summary>Whether the chain name is GTIN + serial.</summary>
    public static bool IsSerialised(string subject) => Serial().Match(subject) is { Success: true } m && IsGtin(m.Groups[1].Value);

    /// <summary>Whether the chain name is a GIAI.</summary>
    public static bool IsAsset(string subject) => Asset().IsMatch(subject);

    /// <summary>The granted part of a chain name: scheme and the characters a prefix is compared with. Null for a UUID, which needs no grant.</summary>
    /// <remarks>A GTIN's first digit is the packaging indicator, so its company prefix starts at the second digit.</remarks>
    public static (string Scheme, string Value)? Granted(string subject) =>
        subject.StartsWith(Root + "01/", StringComparison.Ordinal) ? ("gtin", subject.Substring(Root.Length + 4, 13)) :
        subject.StartsWith(Root + "8004/", StringComparison.Ordinal) ? ("giai", subject[(Root.Length + 5)..]) : null;

    /// <summary>
    /// The characters of an identifier that a granted prefix of its scheme is compared with; null when it is none of that scheme. A GTIN is compared from its
    /// second digit, other schemes from the first character.
    /// </summary>
    public static string? Compared(string scheme, string value) => scheme == "gtin" ? IsGtin(value) ? value[1..] : null : value;

    /// <summary>The path of a chain name under a resolver: <c>01/…/21/…</c>, <c>8004/…</c>, or <c>id/&lt;uuid&gt;</c>; null for other names.</summary>
    public static string? Path(string subject) =>
        subject.StartsWith(Root, StringComparison.Ordinal) ? subject[Root.Length..] :
        subject.StartsWith("urn:uuid:", StringComparison.Ordinal) ? "id/" + subject["urn:uuid:".Length..] : null;

    /// <summary>Makes the chain name of a battery or part from GTIN and serial.</summary>
    /// <exception cref="ArgumentException">The check digit is wrong or the serial is not <c>[0-9A-Z-]{1,20}</c>.</exception>
    public static string Item(string gtin, string serial) =>
        $"{Root}01/{gtin}/21/{serial}" is var subject && IsSerialised(subject) ? subject : throw new ArgumentException("GTIN of 14 digits with check digit, serial [0-9A-Z-]{1,20}.");

    /// <summary>Makes the chain name of a lot or batch from GTIN and lot number.</summary>
    /// <exception cref="ArgumentException">The check digit is wrong or the lot is not <c>[0-9A-Z-]{1,20}</c>.</exception>
    public static string Batch(string gtin, string lot) =>
        $"{Root}01/{gtin}/10/{lot}" is var subject && IsLot(subject) ? subject : throw new ArgumentException("GTIN of 14 digits with check digit, lot [0-9A-Z-]{1,20}.");

    [GeneratedRegex(@"\Ahttps://id\.gs1\.org/01/([0-9]{14})/21/[0-9A-Z-]{1,20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Serial();

    [GeneratedRegex(@"\Ahttps://id\.gs1\.org/01/([0-9]{14})/10/[0-9A-Z-]{1,20}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Lot();

    [GeneratedRegex(@"\Ahttps://id\.gs1\.org/8004/[0-9A-Z-]{5,30}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Asset();

    [GeneratedRegex(@"\Aurn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();
}

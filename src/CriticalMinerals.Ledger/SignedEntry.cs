using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CriticalMinerals.Ledger;

/// <summary>
/// An entry with the disclosures at hand: all of them when it is submitted, any subset in evidence. What producers send is the SD-JWT
/// <c>entry~disclosure~…~</c> (RFC 9901 section 4, media type <c>application/sd-jwt</c>).
/// </summary>
public sealed partial class SignedEntry
{
    /// <summary>Longest SD-JWT in bytes, entry, disclosures and tildes together (64 KiB).</summary>
    public const int MaximumLength = 64 * 1024;

    private SignedEntry(Entry entry, IReadOnlyList<Disclosure> disclosures)
    {
        Entry = entry;
        Disclosures = disclosures;
    }

    /// <summary>The statement.</summary>
    public Entry Entry { get; }

    /// <summary>The disclosures at hand, each matching one digest of the entry.</summary>
    public IReadOnlyList<Disclosure> Disclosures { get; }

    /// <summary>How many digests stand here without their disclosure.</summary>
    public int Withheld => Entry.Digests.Count - Disclosures.Count;

    /// <summary>Reads what a producer sends: an entry with every one of its disclosures.</summary>
    public static SignedEntry? Parse(ReadOnlyMemory<byte> sdJwt, out Fault? fault)
    {
        var bytes = sdJwt.Span;
        if (bytes.Length > MaximumLength)
        {
            fault = new Fault(Failure.TooLarge, $"The submission has {bytes.Length} bytes; {MaximumLength} are allowed.");
            return null;
        }

        var end = bytes.IndexOf((byte)'~');
        if (end < 0 || bytes[^1] != (byte)'~')
        {
            fault = new Fault(Failure.EntryMalformed, "A submission ends in a tilde: entry~disclosure~…~");
            return null;
        }

        // Copied, so that the leaf does not keep the whole request alive.
        if (Entry.Parse(bytes[..end].ToArray(), out fault) is not { } entry)
        {
            return null;
        }

        var disclosures = new List<string>();
        for (var rest = bytes[(end + 1)..]; rest.Length > 0;)
        {
            var length = rest.IndexOf((byte)'~');
            if (disclosures.Count == Entry.MaximumDisclosures)
            {
                fault = new Fault(Failure.TooLarge, $"An entry has at most {Entry.MaximumDisclosures} disclosures.");
                return null;
            }

            // Latin-1 keeps one character a byte; anything outside base64url is refused when the disclosure is read.
            disclosures.Add(Encoding.Latin1.GetString(rest[..length]));
            rest = rest[(length + 1)..];
        }

        return Join(entry, disclosures, complete: true, out fault);
    }

    /// <summary>Puts an entry and some of its disclosures together.</summary>
    /// <param name="entry">The statement.</param>
    /// <param name="disclosures">Their texts, in any order.</param>
    /// <param name="complete">Whether every digest must have its disclosure, as at admission.</param>
    /// <param name="fault">Why they do not belong together.</param>
    public static SignedEntry? Join(Entry entry, IReadOnlyList<string> disclosures, bool complete, out Fault? fault)
    {
        if (disclosures.Count > Entry.MaximumDisclosures)
        {
            fault = new Fault(Failure.TooLarge, $"An entry has at most {Entry.MaximumDisclosures} disclosures.");
            return null;
        }

        var read = new List<Disclosure>(disclosures.Count);
        foreach (var text in disclosures)
        {
            if (Disclosure.Parse(text, out fault) is not { } disclosure || (fault = CheckMember(entry, read, disclosure)) is not null)
            {
                return null;
            }

            read.Add(disclosure);
        }

        if (complete && read.Count < entry.Digests.Count)
        {
            fault = new Fault(Failure.DisclosureMissing, $"{entry.Digests.Count - read.Count} of {entry.Digests.Count} digests have no disclosure: what is signed must be shown at admission.");
            return null;
        }

        var joined = new SignedEntry(entry, read);
        fault = joined.CheckLines();
        return fault is null ? joined : null;
    }

    /// <summary>The entry alone, as the public may see it.</summary>
    public SignedEntry WithoutDisclosures() => new(Entry, []);

    /// <summary>The entry with some of the disclosures at hand.</summary>
    public SignedEntry Only(Func<Disclosure, bool> shown) => new(Entry, [.. Disclosures.Where(shown)]);

    /// <summary>The value of a property of <c>d</c>, in clear or disclosed; null when it is absent or withheld.</summary>
    public JsonElement? Property(string name)
    {
        if (Entry.Data.TryGetProperty(name, out var clear))
        {
            return clear;
        }

        foreach (var disclosure in Disclosures)
        {
            if (disclosure.Name == name)
            {
                return disclosure.Value;
            }
        }

        return null;
    }

    /// <summary>The SD-JWT as it is sent.</summary>
    public string ToSdJwt() => $"{Entry}~{string.Concat(Disclosures.Select(d => d.Text + "~"))}";

    /// <summary>Whether a name is that of a line's quantity or codes (<c>q0</c>, <c>codes0</c>): members every giving event has.</summary>
    public static bool IsLineMember(string name) => LineMember().IsMatch(name);

    private static Fault? CheckMember(Entry entry, List<Disclosure> others, Disclosure disclosure)
    {
        if (others.Exists(o => o.Digest == disclosure.Digest || o.Salt == disclosure.Salt))
        {
            return new Fault(Failure.DisclosureRepeated, $"A disclosure or its salt stands twice: {disclosure.Name}.");
        }

        if (others.Exists(o => o.Name == disclosure.Name) || entry.Data.TryGetProperty(disclosure.Name, out _))
        {
            return new Fault(Failure.DisclosureRepeated, $"The property {disclosure.Name} is given twice.");
        }

        return entry.Digests.Contains(disclosure.Digest)
            ? null
            : new Fault(Failure.DisclosureUnmatched, $"The disclosure {disclosure.Name} matches no digest of the entry.");
    }

    // out, q<i> and codes<i> mean the same in every event, so a stranger checks them without its schema.
    private Fault? CheckLines()
    {
        foreach (var member in Entry.Data.EnumerateObject())
        {
            if (IsLineMember(member.Name))
            {
                return new Fault(Failure.ReferenceMalformed, $"{member.Name} is disclosed, never in clear.");
            }
        }

        var quantities = 0;
        foreach (var disclosure in Disclosures)
        {
            if (!IsLineMember(disclosure.Name))
            {
                continue;
            }

            var isQuantity = disclosure.Name[0] == 'q';
            var line = int.Parse(disclosure.Name.AsSpan(isQuantity ? 1 : 5), System.Globalization.CultureInfo.InvariantCulture);
            if (line >= Entry.Given.Count)
            {
                return new Fault(Failure.ReferenceMalformed, $"{disclosure.Name} belongs to no line: out has {Entry.Given.Count}.");
            }

            if (isQuantity && (disclosure.Value.ValueKind != JsonValueKind.String || !Quantity().IsMatch(disclosure.Value.GetString()!)))
            {
                return new Fault(Failure.ReferenceMalformed, $"{disclosure.Name} is a decimal text, zero or more, with at most 18 digits before and 9 after the point.");
            }

            if (!isQuantity && (disclosure.Value.ValueKind != JsonValueKind.Array || disclosure.Value.EnumerateArray().Any(c => c.ValueKind != JsonValueKind.String)))
            {
                return new Fault(Failure.ReferenceMalformed, $"{disclosure.Name} is an array of texts, one a piece.");
            }

            quantities += isQuantity ? 1 : 0;
        }

        return Withheld == 0 && quantities != Entry.Given.Count
            ? new Fault(Failure.ReferenceMalformed, $"Every line of out has its disclosure q<i>: {Entry.Given.Count} lines, {quantities} quantities.")
            : null;
    }

    [GeneratedRegex(@"\A(?:q|codes)(?:0|[1-9][0-9]?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex LineMember();

    [GeneratedRegex(@"\A(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Quantity();
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriticalMinerals.Ledger;

// The bundle as a file: one JSON object, written in one form, read from any bytes.
public sealed partial record EvidenceBundle
{
    private static readonly string[] Members = ["format", "origin", "subject", "checkpoint", "chains", "cited"];
    private static readonly string[] ChainMembers = ["sub", "head", "entries"];
    private static readonly string[] EntryMembers = ["index", "leaf", "disclosures", "proof"];
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads a bundle's form, down to each entry's; <see cref="Verifier"/> says whether it is true. Never throws: what is wrong, and with which entry, is
    /// in <paramref name="rejection"/>.
    /// </summary>
    public static EvidenceBundle? Parse(ReadOnlySpan<byte> utf8, out Rejection? rejection)
    {
        if (utf8.Length > MaximumLength)
        {
            rejection = new Rejection(Failure.TooLarge, $"The bundle has {utf8.Length} bytes; {MaximumLength} are allowed.");
            return null;
        }

        if (StrictJson.Parse(utf8, out var fault) is not { } root)
        {
            rejection = Rejection.Of(fault!);
            return null;
        }

        if (!HasExactly(root, Members) || Text(root, "format") != Format || !Names.IsOrigin(Text(root, "origin")) || Text(root, "checkpoint") is not { } note ||
            root.GetProperty("chains") is not { ValueKind: JsonValueKind.Array } chainArray || root.GetProperty("cited") is not { ValueKind: JsonValueKind.Array } citedArray)
        {
            rejection = Malformed($"A bundle has exactly {string.Join(", ", Members)}, and format is {Format}.");
            return null;
        }

        if (SignedNote.Parse(note, out fault) is not { } checkpoint)
        {
            rejection = Rejection.Of(fault!);
            return null;
        }

        if (chainArray.GetArrayLength() is 0 or > MaximumChains)
        {
            rejection = Malformed($"A bundle has 1 to {MaximumChains} chains.");
            return null;
        }

        var room = MaximumEntries;
        var chains = new List<ChainEvidence>();
        foreach (var item in chainArray.EnumerateArray())
        {
            if (ReadChain(item, ref room, out rejection) is not { } chain)
            {
                return null;
            }

            chains.Add(chain);
        }

        if (ReadEntries(citedArray, ref room, out rejection) is not { } cited)
        {
            return null;
        }

        var bundle = new EvidenceBundle(Text(root, "origin")!, checkpoint, chains, cited);
        rejection = bundle.Subject == Text(root, "subject") ? bundle.CheckOrder() : Malformed("The first chain of a bundle is that of its subject.");
        return rejection is null ? bundle : null;
    }

    /// <summary>The one form in which bundles are written: members in the format's order, no white space, disclosures by the text of their digests.</summary>
    public byte[] ToUtf8()
    {
        var root = new JsonObject
        {
            ["format"] = Format,
            ["origin"] = Origin,
            ["subject"] = Subject,
            ["checkpoint"] = Checkpoint.ToString(),
            ["chains"] = new JsonArray([.. Chains.Select(chain => (JsonNode)new JsonObject
            {
                ["sub"] = chain.Subject,
                ["head"] = chain.Head.Text,
                ["entries"] = Write(chain.Entries),
            })]),
            ["cited"] = Write(Cited),
        };
        return Encoding.UTF8.GetBytes(root.ToJsonString(Compact));
    }

    private static JsonArray Write(IReadOnlyList<PlacedEntry> entries) => new([.. entries.Select(placed => (JsonNode)new JsonObject
    {
        ["index"] = placed.Index,
        ["leaf"] = placed.Entry.ToString(),
        ["disclosures"] = new JsonArray([.. placed.Signed.Disclosures.OrderBy(d => d.Digest.ToString(), StringComparer.Ordinal).Select(d => (JsonNode)d.Text)]),
        ["proof"] = new JsonArray([.. placed.Path.Select(hash => (JsonNode)hash.ToString())]),
    })]);

    private static ChainEvidence? ReadChain(JsonElement item, ref int room, out Rejection? rejection)
    {
        if (!HasExactly(item, ChainMembers) || !Names.IsSubject(Text(item, "sub")) || Text(item, "head") is not { } headText ||
            item.GetProperty("entries") is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() == 0)
        {
            rejection = Malformed("A chain has exactly sub, head, and at least one entry in entries.");
            return null;
        }

        var subject = Text(item, "sub")!;
        if (HeadStatement.Parse(headText, out var fault) is not { } head)
        {
            rejection = Rejection.Of(fault!) with { Subject = subject };
            return null;
        }

        return ReadEntries(array, ref room, out rejection) is { } entries ? new ChainEvidence(subject, head, entries) : null;
    }

    private static List<PlacedEntry>? ReadEntries(JsonElement array, ref int room, out Rejection? rejection)
    {
        if (array.GetArrayLength() > room)
        {
            rejection = new Rejection(Failure.TooLarge, $"A bundle has at most {MaximumEntries} entries.");
            return null;
        }

        room -= array.GetArrayLength();
        var entries = new List<PlacedEntry>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            if (ReadEntry(item, out rejection) is not { } placed)
            {
                return null;
            }

            entries.Add(placed);
        }

        rejection = null;
        return entries;
    }

    private static PlacedEntry? ReadEntry(JsonElement item, out Rejection? rejection)
    {
        if (!HasExactly(item, EntryMembers) || item.GetProperty("index") is not { ValueKind: JsonValueKind.Number } number || number.GetInt64() < 0 ||
            Text(item, "leaf") is not { } leaf || Texts(item, "disclosures", Entry.MaximumDisclosures) is not { } disclosures ||
            Texts(item, "proof", MerkleTree.MaxProofLength) is not { } proof)
        {
            rejection = Malformed($"An entry of a bundle has exactly index, leaf, disclosures (at most {Entry.MaximumDisclosures}) and proof (at most {MerkleTree.MaxProofLength} hashes).");
            return null;
        }

        var index = (ulong)number.GetInt64();
        var path = new List<Digest>(proof.Count);
        foreach (var text in proof)
        {
            if (!Digest.TryParse(text, out var hash))
            {
                rejection = new Rejection(Failure.ProofMalformed, "A hash of a proof is 43 characters of base64url.").At(index, null);
                return null;
            }

            path.Add(hash);
        }

        // A character outside ASCII becomes a question mark, which no entry has.
        if (Entry.Parse(Encoding.ASCII.GetBytes(leaf), out var fault) is not { } entry)
        {
            rejection = Rejection.Of(fault!).At(index, null);
            return null;
        }

        if (SignedEntry.Join(entry, disclosures, complete: false, out fault) is not { } signed)
        {
            rejection = Rejection.Of(fault!).At(index, entry);
            return null;
        }

        rejection = null;
        return new PlacedEntry(index, signed, path);
    }

    private static List<string>? Texts(JsonElement parent, string name, int most)
    {
        var array = parent.GetProperty(name);
        return array.ValueKind == JsonValueKind.Array && array.GetArrayLength() <= most && array.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. array.EnumerateArray().Select(t => t.GetString()!)]
            : null;
    }

    // Names are unique already, so as many members as asked for, all of them known, are exactly those.
    private static bool HasExactly(JsonElement value, string[] members) =>
        value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == members.Length && members.All(name => value.TryGetProperty(name, out _));

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Rejection Malformed(string detail) => new(Failure.BundleMalformed, detail);
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

// The contradiction as a file: one JSON object with all members always, null where its kind has none; two more for a chain in two logs.
public sealed partial record Contradiction
{
    private const int MaximumText = 1024;

    private static readonly Dictionary<string, ContradictionKind> Kinds = Enum.GetValues<ContradictionKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant(), StringComparer.Ordinal);
    private static readonly string[] Members = ["format", "kind", "origin", "at", "expected", "found", "earlier", "later", "root", "proof", "statement", "entry", "log"];
    private static readonly string[] ChainMembers = [.. Members, "ended", "between"];
    private static readonly string[] EntryMembers = ["index", "leaf", "proof"];
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON text.</summary>
    public JsonObject ToJson()
    {
        var json = Common();
        if (Kind == ContradictionKind.Chain)
        {
            json["ended"] = Ended is null ? null : Write(Ended);
            json["between"] = new JsonArray([.. Between.Select(note => (JsonNode)note.ToString())]);
        }

        return json;
    }

    /// <summary>The file.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(ToJson().ToJsonString(Readable) + "\n");

    /// <summary>Whether a JSON object says that it is one.</summary>
    public static bool IsOne(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= MaximumLength && StrictJson.Parse(utf8, out _) is { ValueKind: JsonValueKind.Object } json && Text(json, "format") == Format;

    /// <summary>Reads the form; whether it is true says <see cref="Verify"/>. Never throws.</summary>
    public static Contradiction? Parse(ReadOnlySpan<byte> utf8, out Fault? fault)
    {
        fault = utf8.Length > MaximumLength ? new Fault(Failure.TooLarge, $"A contradiction has at most {MaximumLength} bytes.") : null;
        if (fault is not null || StrictJson.Parse(utf8, out fault) is not { } json)
        {
            return null;
        }

        var malformed = new Fault(Failure.ContradictionMalformed, $"A contradiction has exactly {string.Join(", ", Members)}, for a chain in two logs ended and between too, and format is {Format}.");
        if (json.ValueKind != JsonValueKind.Object || KindOf(Text(json, "kind")) is not { } kind || !HasExactly(json, kind == ContradictionKind.Chain ? ChainMembers : Members) || Text(json, "format") != Format || !Names.IsOrigin(Text(json, "origin")) ||
            !DateTimeOffset.TryParseExact(Text(json, "at"), "yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ||
            Text(json, "expected") is not { Length: <= MaximumText } expected || Text(json, "found") is not { Length: <= MaximumText } found || Text(json, "later") is not { } laterText ||
            Digests(json.GetProperty("proof")) is not { } proof || json.GetProperty("log") is not { ValueKind: JsonValueKind.Array } logArray || logArray.GetArrayLength() > MaximumLogEntries)
        {
            fault = malformed;
            return null;
        }

        SignedNote? earlier = null;
        HeadStatement? statement = null;
        PlacedEntry? entry = null;
        Digest root = default;
        if (SignedNote.Parse(laterText, out fault) is not { } later ||
            (!IsNull(json, "earlier") && (earlier = SignedNote.Parse(Text(json, "earlier") ?? "", out fault)) is null) ||
            (!IsNull(json, "statement") && (statement = HeadStatement.Parse(Text(json, "statement") ?? "", out fault)) is null) ||
            (!IsNull(json, "entry") && (entry = ReadEntry(json.GetProperty("entry"), out fault)) is null))
        {
            return null;
        }

        if (!IsNull(json, "root") && !Digest.TryParse(Text(json, "root"), out root))
        {
            fault = malformed;
            return null;
        }

        var log = new List<PlacedEntry>();
        foreach (var item in logArray.EnumerateArray())
        {
            if (ReadEntry(item, out fault) is not { } placed)
            {
                return null;
            }

            log.Add(placed);
        }

        PlacedEntry? ended = null;
        var between = new List<SignedNote>();
        if (kind == ContradictionKind.Chain)
        {
            if (!IsNull(json, "ended") && (ended = ReadEntry(json.GetProperty("ended"), out fault)) is null)
            {
                return null;
            }

            if (json.GetProperty("between") is not { ValueKind: JsonValueKind.Array } notes || notes.GetArrayLength() > MaximumBetween)
            {
                fault = malformed;
                return null;
            }

            foreach (var item in notes.EnumerateArray())
            {
                if (SignedNote.Parse(item.ValueKind == JsonValueKind.String ? item.GetString()! : "", out fault) is not { } note)
                {
                    return null;
                }

                between.Add(note);
            }
        }

        return new Contradiction
        {
            Kind = kind,
            Origin = Text(json, "origin")!,
            At = at,
            Expected = expected,
            Found = found,
            Earlier = earlier,
            Later = later,
            Root = IsNull(json, "root") ? null : root,
            Proof = proof,
            Statement = statement,
            Entry = entry,
            LogChain = log,
            Ended = ended,
            Between = between,
        };
    }

    private JsonObject Common() => new()
    {
        ["format"] = Format,
        ["kind"] = Kind.ToString().ToLowerInvariant(),
        ["origin"] = Origin,
        ["at"] = At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["expected"] = Expected,
        ["found"] = Found,
        ["earlier"] = Earlier?.ToString(),
        ["later"] = Later.ToString(),
        ["root"] = Root?.ToString(),
        ["proof"] = Texts(Proof),
        ["statement"] = Statement?.Text,
        ["entry"] = Entry is null ? null : Write(Entry),
        ["log"] = new JsonArray([.. LogChain.Select(placed => (JsonNode)Write(placed))]),
    };

    private static ContradictionKind? KindOf(string? text) => Kinds.TryGetValue(text ?? "", out var kind) ? kind : null;

    private static JsonArray Texts(IEnumerable<Digest> hashes) => new([.. hashes.Select(hash => (JsonNode)hash.ToString())]);

    private static JsonObject Write(PlacedEntry placed) => new() { ["index"] = placed.Index, ["leaf"] = placed.Entry.ToString(), ["proof"] = Texts(placed.Path) };

    private static PlacedEntry? ReadEntry(JsonElement item, out Fault? fault)
    {
        fault = new Fault(Failure.ContradictionMalformed, $"An entry of a contradiction has exactly {string.Join(", ", EntryMembers)}.");
        return HasExactly(item, EntryMembers) && item.GetProperty("index") is { ValueKind: JsonValueKind.Number } number && number.GetInt64() is >= 0 and var index &&
            Digests(item.GetProperty("proof")) is { } path && Text(item, "leaf") is { } leaf &&
            Ledger.Entry.Parse(Encoding.ASCII.GetBytes(leaf), out fault) is { } entry && SignedEntry.Join(entry, [], complete: false, out fault) is { } signed
                ? new PlacedEntry((ulong)index, signed, path)
                : null;
    }

    private static List<Digest>? Digests(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > MerkleTree.MaxProofLength)
        {
            return null;
        }

        var hashes = new List<Digest>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !Digest.TryParse(item.GetString(), out var hash))
            {
                return null;
            }

            hashes.Add(hash);
        }

        return hashes;
    }

    private static bool HasExactly(JsonElement value, string[] members) =>
        value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == members.Length && members.All(name => value.TryGetProperty(name, out _));

    private static bool IsNull(JsonElement parent, string name) => parent.GetProperty(name).ValueKind == JsonValueKind.Null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

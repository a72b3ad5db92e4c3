using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>What a verifier has to say of a case.</summary>
/// <param name="Layer">The layer that must catch it; null when the case is sound.</param>
/// <param name="Failure">Our code for it, and after a slash the rule's where a rule refuses.</param>
/// <param name="Index">Index of the first bad entry, where there is one.</param>
internal sealed record Expected(string? Layer = null, string? Failure = null, long? Index = null)
{
    /// <summary>Indexes of disputed entries; null when the case says nothing of them.</summary>
    public long[]? Disputed { get; init; }

    public string Verdict => Layer is null ? "verified" : "rejected";

    /// <summary>Nothing is wrong.</summary>
    public static Expected Sound { get; } = new();
}

/// <summary>One case of the tamper matrix: files, what is wrong with them, and who must notice.</summary>
/// <param name="Name">Its folder.</param>
/// <param name="Kind">What is verified: entry, submission, note, inclusion, consistency, receipt, head, evidence or log.</param>
/// <param name="Expect">The verdict.</param>
/// <param name="Attack">Two lines: what was done, and what would follow if nobody noticed.</param>
/// <param name="Files">By path within the folder.</param>
internal sealed record VectorCase(string Name, string Kind, Expected Expect, string Attack, IReadOnlyDictionary<string, byte[]> Files)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All files with <c>expect.json</c>.</summary>
    public IEnumerable<KeyValuePair<string, byte[]>> AllFiles() => Files.Append(new("expect.json", Json(new JsonObject
    {
        ["kind"] = Kind,
        ["verdict"] = Expect.Verdict,
        ["layer"] = Expect.Layer,
        ["failure"] = Expect.Failure,
        ["index"] = Expect.Index,
        ["disputed"] = Expect.Disputed is null ? null : new JsonArray([.. Expect.Disputed.Select(index => (JsonNode)index)]),
        ["attack"] = new JsonArray([.. Attack.ReplaceLineEndings("\n").Split('\n').Select(line => (JsonNode)line)]),
    })));

    public static byte[] Json(JsonNode value) => Encoding.UTF8.GetBytes(value.ToJsonString(Readable) + "\n");

    public static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>What a verifier holds by another way than the case's input.</summary>
    public static byte[] Trust(Action<JsonObject>? also = null)
    {
        var trust = new JsonObject { ["origin"] = ForgedLog.Origin, ["vkeys"] = new JsonArray(ForgedLog.VerifierKey("log").ToString()) };
        also?.Invoke(trust);
        return Json(trust);
    }

    /// <summary>The same, with the public keys that stand for key ids.</summary>
    public static byte[] TrustKeys(params (string Kid, string X)[] keys) => Trust(trust =>
        trust["keys"] = new JsonObject(keys.Select(key => new KeyValuePair<string, JsonNode?>(key.Kid, key.X))));
}

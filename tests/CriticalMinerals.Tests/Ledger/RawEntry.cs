using System.Text;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>Entries written by hand, wrong ones too: the texts of header, payload and <c>d</c> go in as they are.</summary>
internal static class RawEntry
{
    public const string Header = """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""";
    public const string Zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// <summary>Any well-formed digest.</summary>
    public const string SomeDigest = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

    public static readonly byte[] Signature = new byte[64];

    /// <summary>A payload that is in order, with <c>d</c> and, where digests stand in it, <c>_sd_alg</c>.</summary>
    public static string Payload(string d = "{}", string? algorithm = null) =>
        $$"""{"v":1,"aud":"ledger.example.com/log/2026","iss":"did:web:mine.example","sub":"urn:uuid:0e37df36-f698-11e6-8dd4-cb9ced3df976","seq":0,"prv":"{{Zeros}}","jti":"c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77","iat":1763899200,"toe":1763899200,"evt":"lot-extracted.v1","d":{{d}}{{(algorithm is null ? "" : $",\"_sd_alg\":\"{algorithm}\"")}}}""";

    /// <summary>The payload with one piece of it replaced.</summary>
    public static string PayloadWith(string piece, string replacement)
    {
        var payload = Payload();
        Assert.Contains(piece, payload, StringComparison.Ordinal);
        return payload.Replace(piece, replacement, StringComparison.Ordinal);
    }

    public static string Text(string header, string payload, byte[]? signature = null) =>
        $"{Encode(header)}.{Encode(payload)}.{StrictBase64Url.Encode(signature ?? Signature)}";

    public static Entry? Parse(string header, string payload, out Fault? fault) => Entry.Parse(Bytes(Text(header, payload)), out fault);

    /// <summary>What refuses a payload whose <c>d</c> is this text; null when nothing does.</summary>
    public static Failure? FailureOf(string d, string? algorithm = null)
    {
        var entry = Parse(Header, Payload(d, algorithm), out var fault);
        Assert.Equal(entry is null, fault is not null);
        return fault?.Failure;
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Encode(string json) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(json));
}

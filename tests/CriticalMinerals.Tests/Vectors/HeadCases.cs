using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Head statements by themselves, signed by the head key but where that is the attack.</summary>
internal static class HeadCases
{
    private const string Header = """{"alg":"Ed25519","kid":"did:web:ledger.example.com:log:2026#head","typ":"cm-head+jwt"}""";
    private static readonly string Payload =
        $$"""{"origin":"{{ForgedLog.Origin}}","sub":"{{ForgedLog.Lot}}","seq":1,"h":"{{Digest.Sha256([1])}}","size":7,"iat":1767226020,"exp":1767226320}""";

    public static IEnumerable<VectorCase> All()
    {
        yield return Case("head-sound", Expected.Sound, "Nothing is wrong here, and it is asked for at the last second at which it holds.\nA verifier that refuses this refuses everything.", Signed(), at: 1767226320);
        yield return Case("head-expired", new Expected("head", "head-expired"), "The statement is asked for one second after its end.\nSomething newer may be hidden behind it.", Signed(), at: 1767226321);
        yield return Case("head-other-log", new Expected("head", "log-foreign"), "The statement is of another log.\nThe newest entry there says nothing of the newest here.", Signed(Payload.Replace(ForgedLog.Origin, "ledger.example.com/log/2025", StringComparison.Ordinal)));
        yield return Case("head-signed-by-the-log-key", new Expected("signature", "signature-invalid"), "The log key signed under the head key's name.\nKeys never share uses.", ForgedLog.Sign(Header, Payload, "log"));
        yield return Case("head-changed", new Expected("signature", "signature-invalid"), "The sequence was lowered after it was signed.\nThe newest entry would be hidden.", Changed());
        yield return Case("head-typ-of-an-entry", new Expected("header", "head-malformed"), "typ is that of an entry.\nWhat was signed to mean one thing must never be taken for another.", ForgedLog.Sign(Header.Replace("cm-head+jwt", "cm-entry+sd-jwt", StringComparison.Ordinal), Payload, "head"));
        yield return Case("head-alg-none", new Expected("header", "head-malformed"), "alg is none, the signature is there all the same.\nA library that obeys the header checks nothing.", ForgedLog.Sign(Header.Replace("Ed25519", "none", StringComparison.Ordinal), Payload, "head"));
        yield return Case("head-member-unknown", new Expected("head", "head-malformed"), "The payload has a member nbf.\nA reader that obeys it decides by another clock.", Signed(Payload.Replace("\"seq\"", "\"nbf\":1767226020,\"seq\"", StringComparison.Ordinal)));
        yield return Case("head-member-twice", new Expected("json", "json-duplicate-member"), "seq stands twice.\nTwo parsers, two heads.", Signed(Payload.Replace("\"seq\":1", "\"seq\":0,\"seq\":1", StringComparison.Ordinal)));
        yield return Case("head-sequence-text", new Expected("head", "head-malformed"), "seq is a text.\nSome languages compare it as a number, some do not.", Signed(Payload.Replace("\"seq\":1", "\"seq\":\"1\"", StringComparison.Ordinal)));
        yield return Case("head-too-long", new Expected("head", "head-malformed"), "More than 2,048 characters, by white space.\nMore than a reader makes room for.", Signed(Payload.Replace("\"seq\"", new string(' ', 1600) + "\"seq\"", StringComparison.Ordinal)));
    }

    private static string Signed(string? payload = null) => ForgedLog.Sign(Header, payload ?? Payload, "head");

    private static string Changed()
    {
        var (sound, other) = (Signed().Split('.'), Signed(Payload.Replace("\"seq\":1", "\"seq\":0", StringComparison.Ordinal)).Split('.'));
        return $"{other[0]}.{other[1]}.{sound[2]}";
    }

    private static VectorCase Case(string name, Expected expect, string attack, string head, long? at = null) => new(name, "head", expect, attack, new Dictionary<string, byte[]>
    {
        ["head.txt"] = VectorCase.Ascii(head),
        ["trust.json"] = VectorCase.Trust(trust =>
        {
            trust["keys"] = new JsonObject { [ForgedLog.LogDid + "#head"] = EvidenceWorld.Key("head").VerifyingKey.X };
            if (at is not null)
            {
                trust["at"] = at;
            }
        }),
    });
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Single entries: their form, their header, their JSON. Each is signed anew after it was tampered with, but where the signature is the attack.</summary>
internal static class EntryCases
{
    private const string Kid = "did:web:mine.example#1";
    private const string Sequence = "\"seq\":0";
    private static readonly SigningKey Key = EvidenceWorld.Key("mine");

    public static IEnumerable<VectorCase> All() =>
    [
        .. Sound(), .. Headers(), .. Json(), .. Encodings(), .. Payloads(), .. ReferenceForms(),
    ];

    /// <summary>A case of one leaf.</summary>
    internal static VectorCase Case(string name, Expected expect, string attack, string leaf, string? x = null) => new(name, "entry", expect, attack, new Dictionary<string, byte[]>
    {
        ["entry.txt"] = VectorCase.Ascii(leaf),
        ["trust.json"] = VectorCase.TrustKeys((Kid, x ?? Key.VerifyingKey.X)),
    });

    internal static string Signed(string payload, string header = RawEntry.Header) => ForgedLog.Sign(header, payload, "mine");

    private static VectorCase Payload(string name, string layer, string failure, string attack, string piece, string replacement) =>
        Case(name, new Expected(layer, failure), attack, Signed(RawEntry.PayloadWith(piece, replacement)));

    private static VectorCase Data(string name, string layer, string failure, string attack, string d, string? algorithm = null) =>
        Case(name, new Expected(layer, failure), attack, Signed(RawEntry.Payload(d, algorithm)));

    private static VectorCase Header(string name, string failure, string attack, string header, string layer = "header") =>
        Case(name, new Expected(layer, failure), attack, Signed(RawEntry.Payload(), header));

    private static IEnumerable<VectorCase> Sound()
    {
        yield return Case("entry-sound", Expected.Sound, "Nothing is wrong here.\nA verifier that refuses this refuses everything.", Signed(RawEntry.Payload()));
        yield return Case("entry-sound-eddsa", Expected.Sound, "Nothing is wrong here: alg has the older of its two names.\nMany libraries know only that one.",
            Signed(RawEntry.Payload(), RawEntry.Header.Replace("\"Ed25519\"", "\"EdDSA\"", StringComparison.Ordinal)));
        yield return Case("entry-sound-spaced", Expected.Sound, "Nothing is wrong here: members in another order, white space, escapes.\nBytes are signed, so a verifier that writes the JSON again gets other bytes.",
            Signed(RawEntry.PayloadWith("{\"v\":1,", "{ \n\t\"\\u0076\" : 1 ,"), """{ "typ":"cm-entry\u002bsd-jwt", "kid":"did:web:mine.example#1" ,"alg":"Ed25519"}"""));
        yield return Case("entry-sound-longest", Expected.Sound, "Nothing is wrong here: a leaf of exactly 16,384 bytes.\nLimits are inclusive.", Longest());
        yield return Case("entry-too-long", new Expected("entry", "too-large"), "A signed leaf of 16,385 bytes.\nA verifier without a limit reads whatever its author wishes it to hold.", Longest() + "A");
    }

    private static IEnumerable<VectorCase> Headers()
    {
        yield return Header("header-alg-none", "header-forbidden", "alg is none, the signature is there all the same.\nA library that obeys the header checks nothing.", """{"alg":"none","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""");
        yield return Header("header-alg-other", "header-forbidden", "alg names another algorithm than that of the key.\nThe registered key decides, never the header.", """{"alg":"ES256","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""");
        yield return Header("header-alg-case", "header-forbidden", "alg is ed25519 in lower case.\nNames are compared byte for byte, or two verifiers disagree.", """{"alg":"ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""");
        yield return Case("header-alg-hmac", new Expected("header", "header-forbidden"), "alg is HS512 and the signature an HMAC whose secret is the public key.\nA library that takes any key for any algorithm accepts what everybody can make.", Hmac());
        yield return Header("header-crit", "header-forbidden", "A member crit, which names an extension.\nWho passes it over ignores what the signer declared critical.", """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt","crit":["exp"],"exp":1}""");
        yield return Header("header-b64", "header-forbidden", "A member b64 false: the payload would be signed undecoded.\nOne signature, two payloads.", """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt","b64":false}""");
        yield return Case("header-jwk", new Expected("header", "header-forbidden"), "The attacker's own key travels in the header and made the signature.\nA library that prefers it lets anybody sign as anybody.",
            ForgedLog.Sign($$$"""{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt","jwk":{{{EvidenceWorld.Key("thief").VerifyingKey.ToJwk()}}}}""", RawEntry.Payload(), "thief"));
        yield return Header("header-zip", "header-forbidden", "A member zip: the payload would be inflated before it is read.\nA small leaf, a large payload.", """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt","zip":"DEF"}""");
        yield return Header("header-typ-of-a-head", "header-forbidden", "typ is that of a head statement.\nWhat was signed to mean one thing must never be taken for another.", """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-head+jwt"}""");
        yield return Header("header-typ-of-a-token", "header-forbidden", "typ is that of a caller token.\nA token signed to read something would become a statement in the log.", """{"alg":"Ed25519","kid":"did:web:mine.example#1","typ":"cm-caller+jwt"}""");
        yield return Header("header-typ-missing", "header-forbidden", "There is no typ.\nA JWS without a type is whatever its reader takes it for.", """{"alg":"Ed25519","kid":"did:web:mine.example#1"}""");
        yield return Header("header-twice", "json-duplicate-member", "kid stands twice in the header: another's first, the signer's last.\nTwo parsers verify with two keys.", """{"alg":"Ed25519","kid":"did:web:maker.example#1","kid":"did:web:mine.example#1","typ":"cm-entry+sd-jwt"}""", "json");
        yield return Header("header-kid-without-name", "header-forbidden", "kid is the operator without a key name.\nWhich of its keys would that be?", """{"alg":"Ed25519","kid":"did:web:mine.example","typ":"cm-entry+sd-jwt"}""", "names");
    }

    private static IEnumerable<VectorCase> Json()
    {
        yield return Payload("json-member-twice", "json", "json-duplicate-member", "seq stands twice, with two values.\nOne parser takes the first, another the last.", Sequence, "\"seq\":1,\"seq\":0");
        yield return Payload("json-member-twice-escaped", "json", "json-duplicate-member", "seq stands twice, once with an escape in its name.\nA check of the raw text sees two names, a parser one.", Sequence, "\"se\\u0071\":0,\"seq\":0");
        yield return Data("json-member-twice-deep", "json", "json-duplicate-member", "A member stands twice, deep within d.\nA check of the outermost object alone does not see it.", """{"site":{"country":"FI","country":"CD"}}""");
        yield return Payload("json-number-fraction", "json", "json-number-forbidden", "seq is 0.0.\nSome parsers make that an integer, some do not.", Sequence, "\"seq\":0.0");
        yield return Payload("json-number-exponent", "json", "json-number-forbidden", "seq is 0e0.\nSome parsers make that an integer, some do not.", Sequence, "\"seq\":0e0");
        yield return Payload("json-number-minus-zero", "json", "json-number-forbidden", "seq is -0.\nSome parsers keep the sign, some do not.", Sequence, "\"seq\":-0");
        yield return Payload("json-number-too-large", "json", "json-number-forbidden", "A number of 2^53, which stands for its neighbour too.\nWhere numbers are doubles, 2^53 + 1 reads the same.", "\"toe\":1763899200", "\"toe\":9007199254740992");
        yield return Payload("json-number-leading-zero", "json", "json-malformed", "seq is 00.\nNo JSON, and yet read by lax parsers.", Sequence, "\"seq\":00");
        yield return Data("json-bidirectional", "json", "json-text-forbidden", "A text with U+202E, which turns the reading direction.\nA person reads another value than a machine.", "{\"product\":\"\u202egnirts\"}");
        yield return Data("json-surrogate", "json", "json-text-forbidden", "A text with an unpaired surrogate, escaped.\nParsers replace it, keep it or fail.", """{"product":"\ud800"}""");
        yield return Data("json-zero", "json", "json-text-forbidden", "A text with U+0000, escaped.\nWhat reads texts up to a zero reads another one.", """{"product":"cobalt\u0000tin"}""");
        yield return Data("json-noncharacter", "json", "json-text-forbidden", "A text with the noncharacter U+FFFF.\nParsers replace it or keep it.", """{"product":"\uffff"}""");
        yield return Case("json-not-utf8", new Expected("json", "json-malformed"), "A text with a byte that is no UTF-8.\nParsers replace it, so two byte strings read alike.", Bytes(RawEntry.Payload("""{"product":"?"}"""), (byte)'?', 0xFF));
        yield return Case("json-byte-order-mark", new Expected("json", "json-malformed"), "The payload begins with a byte order mark.\nSome parsers pass it over, some fail.", Signed("\ufeff" + RawEntry.Payload()));
        yield return Case("json-trailing", new Expected("json", "json-malformed"), "A second value follows the payload.\nA parser that stops after the first signs off what it never read.", Signed(RawEntry.Payload() + "{}"));
        yield return Case("json-comment", new Expected("json", "json-malformed"), "A comment in the payload.\nA lax parser reads past it.", Signed(RawEntry.PayloadWith("\"v\":1", "/* */\"v\":1")));
        yield return Data("json-too-deep", "json", "json-too-deep", "A value 17 deep, counted from the payload.\nWhere one parser stops and another goes on, they disagree.", $$"""{"open":{{new string('[', 15)}}{{new string(']', 15)}}}""");
        yield return Data("json-very-deep", "json", "json-too-deep", "A value some thousands deep.\nA parser that recurses without a limit falls over.", $$"""{"open":{{new string('[', 4000)}}{{new string(']', 4000)}}}""");
    }

    private static IEnumerable<VectorCase> Encodings()
    {
        var sound = Signed(RawEntry.Payload());
        var parts = sound.Split('.');
        yield return Case("base64-trailing-bits", new Expected("entry", "base64-ambiguous"), "The unused bits of the signature's last character are not zero.\nThe same signature with another text: another leaf hash for one statement.", $"{parts[0]}.{parts[1]}.{parts[2][..^1]}{(char)(parts[2][^1] + 1)}");
        yield return Case("base64-padded", new Expected("entry", "base64-ambiguous"), "The signature has its padding.\nThe same signature with another text: another leaf hash for one statement.", sound + "==");
        yield return Case("base64-other-alphabet", new Expected("entry", "base64-ambiguous"), "The signature is in the other alphabet of base64, with + and /.\nThe same signature with another text.", Standard(parts));
        yield return Case("base64-white-space", new Expected("entry", "base64-ambiguous"), "A line break within the signature.\nDecoders that pass over it give one statement many leaves.", sound.Insert(sound.Length - 4, "\n"));
        yield return Case("entry-four-parts", new Expected("entry", "entry-malformed"), "A fourth part follows.\nA reader that splits at dots and takes three never sees it.", sound + ".AAAA");
        yield return Case("entry-two-parts", new Expected("entry", "entry-malformed"), "The signature is missing, with its dot.\nNothing was signed.", $"{parts[0]}.{parts[1]}");
        yield return Case("entry-tilde", new Expected("entry", "base64-ambiguous"), "The leaf ends in a tilde, as an SD-JWT without disclosures does.\nTwo leaves for one statement.", sound + "~");
        yield return Case("entry-signature-short", new Expected("entry", "entry-malformed"), "The signature has 63 bytes.\nA verifier that pads it checks what nobody signed.", $"{parts[0]}.{parts[1]}.{StrictBase64Url.Encode(StrictBase64Url.Decode(parts[2])!.AsSpan(0, 63))}");
        yield return Case("entry-signature-long", new Expected("entry", "entry-malformed"), "A byte follows the 64 of the signature.\nA verifier that takes the first 64 gives one statement many leaves.", $"{parts[0]}.{parts[1]}.{StrictBase64Url.Encode([.. StrictBase64Url.Decode(parts[2])!, 0])}");
    }

    private static IEnumerable<VectorCase> Payloads()
    {
        yield return Payload("payload-version", "entry", "payload-forbidden", "v is 2.\nA later format may mean something else by the same members.", "\"v\":1", "\"v\":2");
        yield return Payload("payload-version-text", "entry", "payload-forbidden", "v is the text 1.\nSome languages find them equal.", "\"v\":1", "\"v\":\"1\"");
        yield return Payload("payload-member-missing", "entry", "payload-forbidden", "There is no jti.\nA retry could not be told from a second statement.", "\"jti\":\"c5ae5a73-2a2f-4d8c-8d9c-3a2f4c1b9e77\",", "");
        yield return Payload("payload-member-unknown", "entry", "payload-forbidden", "A member exp, as of a token that ends.\nA reader that obeys it decides by a clock.", "\"v\":1", "\"v\":1,\"exp\":1763899201");
        yield return Payload("payload-other-log", "chain", "log-foreign", "aud is another log.\nA statement for one log would be shown as one for this.", "ledger.example.com/log/2026", "ledger.example.com/log/2025");
        yield return Payload("payload-jti-case", "names", "payload-forbidden", "jti is in upper case.\nTwo texts for one id.", "c5ae5a73", "C5AE5A73");
        yield return Payload("payload-sub-space", "names", "payload-forbidden", "A space in the name of the chain.\nNames that people cannot tell apart.", "urn:uuid:0e37df36", "urn:uuid: e37df36");
        yield return Payload("payload-issuer-other", "names", "payload-forbidden", "iss is another operator than that of kid.\nOne operator would speak as another.", "\"iss\":\"did:web:mine.example\"", "\"iss\":\"did:web:maker.example\"");
        yield return Payload("payload-event-form", "names", "payload-forbidden", "evt lacks its version.\nRules belong to a version.", "lot-extracted.v1", "lot-extracted");
        yield return Payload("payload-instant-late", "entry", "payload-forbidden", "iat is after the year 9999.\nMany calendars end there.", "\"iat\":1763899200", "\"iat\":253402300800");
        yield return Payload("payload-sequence-negative", "entry", "payload-forbidden", "seq is -1.\nA place before the first.", Sequence, "\"seq\":-1");
        yield return Payload("payload-first-with-previous", "chain", "payload-forbidden", "seq is 0 and prv names an entry.\nA chain that begins in the middle hides what came before.", RawEntry.Zeros, RawEntry.SomeDigest);
        yield return Payload("payload-later-without-previous", "chain", "payload-forbidden", "seq is 1 and prv is that of a first entry.\nA chain that forgot its beginning.", Sequence, "\"seq\":1");
        yield return Data("payload-property-name", "names", "payload-forbidden", "A property of d begins with a space.\nA person reads another name than a machine.", """{" product":"cobalt"}""");
        yield return Data("payload-digests-nested", "entry", "payload-forbidden", "_sd stands deeper in d.\nWhat may be disclosed there, few readers would look for.", """{"site":{"_sd":["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"]}}""", "sha-256");
        yield return Data("payload-digests-of-elements", "entry", "payload-forbidden", "An element of an array is a digest, written as three dots.\nAn array of unknown length to who does not know it.", """{"list":[{"...":"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"}]}""");
        yield return Data("payload-digests-without-algorithm", "entry", "payload-forbidden", "_sd stands without _sd_alg.\nThe reader would choose the hash.", """{"_sd":["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"]}""");
        yield return Data("payload-digests-other-algorithm", "entry", "payload-forbidden", "_sd_alg is another hash.\nSHA-256 is the only one.", """{"_sd":["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"]}""", "sha-512");
        yield return Data("payload-digests-unordered", "disclosure", "payload-forbidden", "Two digests stand in descending order.\nTheir order would tell something.", """{"_sd":["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]}""", "sha-256");
        yield return Data("payload-digest-twice", "disclosure", "payload-forbidden", "A digest stands twice.\nOne disclosure would count for two.", """{"_sd":["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg","n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"]}""", "sha-256");
    }

    private static IEnumerable<VectorCase> ReferenceForms()
    {
        const string h = RawEntry.SomeDigest, s = "xm6n_bQVn8NLAECWjBFe1w";
        yield return Data("references-nothing-given", "references", "reference-malformed", "out is empty.\nAn event that gives without giving.", """{"out":[]}""");
        yield return Data("references-given-twice", "references", "reference-malformed", "A commitment stands twice in out.\nOne opening would take two lines.", $$"""{"out":["{{h}}","{{h}}"]}""");
        yield return Data("references-too-many-given", "references", "reference-malformed", "out has 65 lines.\nMore than a reader makes room for.", $$"""{"out":[{{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"{Digest.Sha256([(byte)i])}\""))}}]}""");
        yield return Data("references-taken-twice", "references", "reference-malformed", "One line stands twice in in.\nIt would be taken twice by one entry.", $$"""{"in":[{"h":"{{h}}","i":0,"s":"{{s}}"},{"h":"{{h}}","i":0,"s":"{{s}}"}]}""");
        yield return Data("references-taken-with-more", "references", "reference-malformed", "A line taken has a fourth member.\nSome readers would obey it.", $$"""{"in":[{"h":"{{h}}","i":0,"s":"{{s}}","q":"40"}]}""");
        yield return Data("references-taken-line-negative", "references", "reference-malformed", "The line taken is -1.\nIn some languages that is the last one.", $$"""{"in":[{"h":"{{h}}","i":-1,"s":"{{s}}"}]}""");
        yield return Data("references-opening-short", "references", "reference-malformed", "An opening of 15 bytes.\nFewer bits to guess than a commitment needs.", $$"""{"in":[{"h":"{{h}}","i":0,"s":"{{s[..20]}}"}]}""");
        yield return Data("references-read-twice", "references", "reference-malformed", "One entry stands twice in ref.\nIt would count twice.", $$"""{"ref":[{"h":"{{h}}","sub":"urn:uuid:{{EvidenceWorld.Uuid("a")}}"},{"h":"{{h}}","sub":"urn:uuid:{{EvidenceWorld.Uuid("b")}}"}]}""");
        yield return Data("references-for-itself", "references", "reference-malformed", "for is the issuer itself.\nA delegation that nobody gave.", """{"for":"did:web:mine.example"}""");
    }

    private static string Longest()
    {
        for (var length = 11_600; ; length++)
        {
            var leaf = Signed(RawEntry.Payload($$"""{"product":"{{new string('x', length)}}"}"""));
            if (leaf.Length == Entry.MaximumLength)
            {
                return leaf;
            }
        }
    }

    // One byte of the payload replaced before it is signed: what no text of this language holds.
    private static string Bytes(string payload, byte from, byte to)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        bytes[Array.LastIndexOf(bytes, from)] = to;
        var input = $"{RawEntry.Encode(RawEntry.Header)}.{StrictBase64Url.Encode(bytes)}";
        return $"{input}.{StrictBase64Url.Encode(Key.Sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Hmac()
    {
        var input = $"{RawEntry.Encode(RawEntry.Header.Replace("\"Ed25519\"", "\"HS512\"", StringComparison.Ordinal))}.{RawEntry.Encode(RawEntry.Payload())}";
        return $"{input}.{StrictBase64Url.Encode(HMACSHA512.HashData(Key.VerifyingKey.ToArray(), Encoding.ASCII.GetBytes(input)))}";
    }

    // Signed until the signature's text differs in the two alphabets.
    private static string Standard(string[] parts)
    {
        for (var second = 0; !parts[2].Contains('-', StringComparison.Ordinal) && !parts[2].Contains('_', StringComparison.Ordinal); second++)
        {
            parts = Signed(RawEntry.PayloadWith("\"toe\":1763899200", string.Create(CultureInfo.InvariantCulture, $"\"toe\":{second}"))).Split('.');
        }

        return $"{parts[0]}.{parts[1]}.{parts[2].Replace('-', '+').Replace('_', '/')}";
    }
}

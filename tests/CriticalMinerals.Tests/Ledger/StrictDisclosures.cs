using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using static CriticalMinerals.Tests.Ledger.RawEntry;

namespace CriticalMinerals.Tests.Ledger;

/// <summary>Disclosures and the submission that carries them: no dark data, no second reading, limits inclusive.</summary>
public sealed class StrictDisclosures
{
    private const string Salt = "AAECAwQFBgcICQoLDA0ODw";

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("W10=")]
    [InlineData("W10 ")]
    [InlineData("W10+")]
    [InlineData("W1")] // bits left over
    public void A_disclosure_is_unpadded_base64url_with_zero_trailing_bits(string text) => Assert.Equal(Failure.Base64Ambiguous, FailureOfDisclosure(text));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData($$"""["{{Salt}}","mass"]""")] // an array element's disclosure in RFC 9901: not used here
    [InlineData($$"""["{{Salt}}","mass","1",1]""")]
    [InlineData("""[1,"mass","1"]""")]
    [InlineData($$"""["{{Salt}}",1,"1"]""")]
    [InlineData("""["","mass","1"]""")]
    [InlineData("""["AAECAwQFBgcICQoLDA0O","mass","1"]""")] // 15 bytes
    [InlineData("""["AAECAwQFBgcICQoLDA0ODx","mass","1"]""")] // bits left over
    [InlineData("""["AAECAwQFBgcICQoLDA0ODw==","mass","1"]""")]
    [InlineData("""["salt salt salt salt salt","mass","1"]""")]
    [InlineData($$"""["{{Salt}}","","1"]""")]
    [InlineData($$"""["{{Salt}}","Mass","1"]""")]
    [InlineData($$"""["{{Salt}}","net mass","1"]""")]
    [InlineData($$"""["{{Salt}}","_sd",[]]""")]
    [InlineData($$"""["{{Salt}}","...","1"]""")]
    [InlineData($$"""["{{Salt}}","out",[]]""")]
    [InlineData($$"""["{{Salt}}","in",[]]""")]
    [InlineData($$"""["{{Salt}}","ref",[]]""")]
    [InlineData($$"""["{{Salt}}","for","did:web:a"]""")]
    [InlineData($$"""["{{Salt}}","mass",{"_sd":[]}]""")]
    [InlineData($$"""["{{Salt}}","mass",[{"...":"x"}]]""")]
    [InlineData($$"""["{{Salt}}","mass",[[{"_sd_alg":"sha-256"}]]]""")]
    public void A_disclosure_is_salt_name_and_value_and_holds_no_digests(string json) => Assert.Equal(Failure.DisclosureMalformed, FailureOfDisclosure(Encode(json)));

    [Fact]
    public void A_salt_has_128_bits_or_more_up_to_128_characters()
    {
        Assert.Null(FailureOfDisclosure(Encode($"[\"{Salt}\",\"mass\",\"1\"]")));
        Assert.Null(FailureOfDisclosure(Encode($"[\"{new string('A', 128)}\",\"mass\",\"1\"]")));
        Assert.Equal(Failure.DisclosureMalformed, FailureOfDisclosure(Encode($"[\"{new string('A', 130)}\",\"mass\",\"1\"]")));
    }

    [Fact]
    public void Faults_of_the_JSON_keep_their_names()
    {
        Assert.Equal(Failure.JsonMalformed, FailureOfDisclosure(Encode("[")));
        Assert.Equal(Failure.JsonDuplicateMember, FailureOfDisclosure(Encode($$"""["{{Salt}}","site",{"a":1,"a":1}]""")));
        Assert.Equal(Failure.JsonTextForbidden, FailureOfDisclosure(Encode($$"""["{{Salt}}","site","\u0000"]""")));
        Assert.Equal(Failure.JsonNumberForbidden, FailureOfDisclosure(Encode($$"""["{{Salt}}","site",1.0]""")));
        Assert.Equal(Failure.JsonTooDeep, FailureOfDisclosure(Encode($"[\"{Salt}\",\"site\",{new string('[', 16)}{new string(']', 16)}]")));
        Assert.Null(FailureOfDisclosure(Encode($"[\"{Salt}\",\"site\",{new string('[', 15)}{new string(']', 15)}]")));
    }

    [Fact]
    public void A_disclosure_has_at_most_8_KiB_inclusive()
    {
        // 6,144 bytes are 8,192 characters.
        var shell = $"[\"{Salt}\",\"note\",\"\"]".Length;
        string OfBytes(int bytes) => Encode($"[\"{Salt}\",\"note\",\"{new string('x', bytes - shell)}\"]");
        Assert.Equal(8192, OfBytes(6144).Length);
        Assert.Null(FailureOfDisclosure(OfBytes(6144)));
        Assert.Equal(Failure.TooLarge, FailureOfDisclosure(OfBytes(6145)));
    }

    [Fact]
    public void A_disclosure_without_its_digest_is_refused()
    {
        var (mine, other) = (Disclosure.Create("mass", "1"), Disclosure.Create("grade", "2"));
        Assert.Equal(Failure.DisclosureUnmatched, FailureOfSubmission([mine], mine, other));
        Assert.Equal(Failure.DisclosureUnmatched, FailureOfSubmission([], mine));
    }

    [Fact]
    public void A_digest_without_its_disclosure_is_dark_and_refused_at_admission_only()
    {
        var (mine, other) = (Disclosure.Create("mass", "1"), Disclosure.Create("grade", "2"));
        Assert.Equal(Failure.DisclosureMissing, FailureOfSubmission([mine, other], mine));
        Assert.Equal(Failure.DisclosureMissing, FailureOfSubmission([mine]));

        var kept = SignedEntry.Join(EntryOf([mine, other]), [mine.Text], complete: false, out _)!;
        Assert.Equal(1, kept.Withheld);
        Assert.Null(kept.Property("grade"));
        Assert.Equal("1", kept.Property("mass")!.Value.GetString());
    }

    [Fact]
    public void Nothing_is_disclosed_twice()
    {
        var mass = Disclosure.Create(Salt, "mass", "1");
        var sameSalt = Disclosure.Create(Salt, "grade", "2");
        var sameName = Disclosure.Create("mass", "2");
        Assert.Equal(Failure.DisclosureRepeated, FailureOfSubmission([mass], mass, mass));
        Assert.Equal(Failure.DisclosureRepeated, FailureOfSubmission([mass, sameSalt], mass, sameSalt));
        Assert.Equal(Failure.DisclosureRepeated, FailureOfSubmission([mass, sameName], mass, sameName));
        Assert.Equal(Failure.DisclosureRepeated, FailureOfSubmission([mass], [mass], d => d.Insert(1, "\"mass\":\"1\",")));
    }

    [Fact]
    public void A_submission_ends_in_a_tilde()
    {
        var mass = Disclosure.Create("mass", "1");
        var leaf = EntryOf([mass]).ToString();
        Assert.Null(FailureOfText($"{leaf}~{mass.Text}~"));
        Assert.Equal(Failure.EntryMalformed, FailureOfText(leaf));
        Assert.Equal(Failure.EntryMalformed, FailureOfText($"{leaf}~{mass.Text}"));
        Assert.Equal(Failure.EntryMalformed, FailureOfText($"{leaf}~{mass.Text}~{leaf}")); // a key binding JWT (RFC 9901 section 4.3)
        Assert.Equal(Failure.EntryMalformed, FailureOfText("~"));
        Assert.Equal(Failure.EntryMalformed, FailureOfText(""));
        Assert.Equal(Failure.Base64Ambiguous, FailureOfText($"{leaf}~~{mass.Text}~"));
        Assert.Equal(Failure.Base64Ambiguous, FailureOfText($"{leaf}~{mass.Text}\u00e9~"));
    }

    [Fact]
    public void Up_to_64_disclosures_and_64_KiB_inclusive()
    {
        var disclosures = Enumerable.Range(0, 65).Select(i => Disclosure.Create($"p{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}", "1")).ToArray();
        Assert.Null(FailureOfSubmission(disclosures[..64], disclosures[..64]));
        Assert.Equal(Failure.TooLarge, FailureOfSubmission(disclosures[..64], disclosures));
        Assert.Null(SignedEntry.Join(EntryOf(disclosures[..64]), [.. disclosures.Select(d => d.Text)], complete: true, out var fault));
        Assert.Equal(Failure.TooLarge, fault!.Failure);

        // Eight disclosures that fill what the entry and the tildes leave of 65,536 bytes, and one byte more.
        var leaf = EntryOf([.. Enumerable.Range(0, 8).Select(i => Disclosure.Create($"note{i}", ""))]).ToString().Length;
        Assert.Null(FailureOfSize(64 * 1024, leaf));
        Assert.Equal(Failure.TooLarge, FailureOfSize((64 * 1024) + 1, leaf));
    }

    [Theory]
    [InlineData("q0", "\"1\"", null)]
    [InlineData("q0", "\"0\"", null)]
    [InlineData("q0", "\"123456789012345678.123456789\"", null)]
    [InlineData("q0", "\"-1\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"-0\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"01\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"1.\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\".5\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"1e3\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"1\\n\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"1234567890123456789\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "\"1.0000000001\"", Failure.ReferenceMalformed)]
    [InlineData("q0", "1", Failure.ReferenceMalformed)]
    [InlineData("q0", "null", Failure.ReferenceMalformed)]
    public void A_lines_quantity_is_a_decimal_text(string name, string value, Failure? expected) =>
        Assert.Equal(expected, FailureOfSubmission([Given(name, value)], [Given(name, value)], Out(1)));

    [Fact]
    public void Every_line_has_its_quantity_and_nothing_belongs_to_no_line()
    {
        var (q0, q1, q2) = (Given("q0", "\"1\""), Given("q1", "\"2\""), Given("q2", "\"3\""));
        Assert.Null(FailureOfSubmission([q0, q1], [q0, q1], Out(2)));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([q0], [q0], Out(2)));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([q0, q2], [q0, q2], Out(2)));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([q0], [q0]));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([], [], Out(1)));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([], [], d => d.Insert(1, "\"q0\":\"1\"")));
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([], [], d => d.Insert(1, "\"codes0\":[]")));
    }

    [Fact]
    public void Codes_of_pieces_are_texts_beside_a_quantity()
    {
        var q0 = Given("q0", "\"2\"");
        foreach (var (codes, name, expected) in new (string, string, Failure?)[]
        {
            ("[\"A\",\"B\"]", "codes0", null),
            ("[\"A\",1]", "codes0", Failure.ReferenceMalformed),
            ("\"A\"", "codes0", Failure.ReferenceMalformed),
            ("[\"A\"]", "codes1", Failure.ReferenceMalformed),
        })
        {
            var disclosed = Given(name, codes);
            Assert.Equal(expected, FailureOfSubmission([q0, disclosed], [q0, disclosed], Out(1)));
        }

        // Without the quantity the codes alone give nothing.
        var alone = Given("codes0", "[\"A\"]");
        Assert.Equal(Failure.ReferenceMalformed, FailureOfSubmission([alone], [alone], Out(1)));
    }

    private static Disclosure Given(string name, string value) => Disclosure.Create(StrictBase64Url.Encode(Digest.Sha256(Encoding.ASCII.GetBytes(name)).ToArray().AsSpan(0, 16)), name, JsonNode.Parse(value));

    private static Func<string, string> Out(int lines) =>
        d => d.Insert(1, "\"out\":[" + string.Join(',', Enumerable.Range(0, lines).Select(i => $"\"{Digest.Sha256([(byte)i])}\"")) + "]" + (d == "{}" ? "" : ","));

    private static Entry EntryOf(Disclosure[] digests, Func<string, string>? change = null)
    {
        var d = digests.Length == 0 ? "{}" : "{\"_sd\":[" + string.Join(',', digests.Select(x => x.Digest.ToString()).Order(StringComparer.Ordinal).Select(t => $"\"{t}\"")) + "]}";
        var entry = Parse(Header, Payload(change is null ? d : change(d), digests.Length == 0 ? null : "sha-256"), out var fault);
        Assert.Null(fault);
        return entry!;
    }

    private static Failure? FailureOfSubmission(Disclosure[] digests, params Disclosure[] sent) => FailureOfSubmission(digests, sent, null);

    private static Failure? FailureOfSubmission(Disclosure[] digests, Disclosure[] sent, Func<string, string>? change) =>
        FailureOfText($"{EntryOf(digests, change)}~{string.Concat(sent.Select(d => d.Text + "~"))}");

    private static Failure? FailureOfSize(int size, int leaf)
    {
        // White space inside a disclosure's JSON is free, so its length can be any that base64url has: 4n, 4n + 2, 4n + 3.
        var left = size - leaf - 1 - 8;
        var made = new List<Disclosure>();
        for (var i = 0; i < 8; i++)
        {
            var length = i < 7 ? ((left / 8) & ~3) + (i == 0 && left % 4 == 1 ? 2 : 0) : left - made.Sum(d => d.Text.Length);
            var prefix = $"[\"{StrictBase64Url.Encode(Digest.Sha256([(byte)i]).ToArray().AsSpan(0, 16))}\",\"note{i}\",\"";
            var bytes = length * 3 / 4;
            made.Add(Disclosure.Parse(Encode(prefix + new string('x', bytes - prefix.Length - 2) + "\"]"), out _)!);
        }

        var text = $"{EntryOf([.. made])}~{string.Concat(made.Select(d => d.Text + "~"))}";
        Assert.Equal(size, text.Length);
        return FailureOfText(text);
    }

    private static Failure? FailureOfDisclosure(string text)
    {
        var disclosure = Disclosure.Parse(text, out var fault);
        Assert.Equal(disclosure is null, fault is not null);
        return fault?.Failure;
    }

    private static Failure? FailureOfText(string text)
    {
        var signed = SignedEntry.Parse(Bytes(text), out var fault);
        Assert.Equal(signed is null, fault is not null);
        return fault?.Failure;
    }
}

using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Entries with their disclosures, as they are sent for admission. The entry's own signature holds in all of them.</summary>
internal static class DisclosureCases
{
    private static readonly string[] Two = [Text("mass", "\"1000\""), Text("grade", "\"1.8\"")];

    public static IEnumerable<VectorCase> All()
    {
        yield return Case("disclosure-sound", Expected.Sound, "Nothing is wrong here: two disclosures, in another order than their digests.\nTheir order is free.", Two);
        yield return Case("disclosure-withheld", new Expected("disclosure", "disclosure-missing"), "A digest is sent without its disclosure.\nData that not even the authorities could ever see.", Two, sent: [Two[0]]);
        yield return Case("disclosure-altered", new Expected("disclosure", "disclosure-unmatched"), "A disclosure says 900 where 1,000 was signed.\nA value that nobody signed.", Two, sent: [Text("mass", "\"900\""), Two[1]]);
        yield return Case("disclosure-added", new Expected("disclosure", "disclosure-unmatched"), "A third disclosure, which no digest stands for.\nWhoever holds the entry would add to it.", Two, sent: [.. Two, Text("origin", "\"FI\"")]);
        yield return Case("disclosure-repeated", new Expected("disclosure", "disclosure-repeated"), "One disclosure is sent twice and another not at all: the number is right.\nA count alone does not see what is withheld.", Two, sent: [Two[0], Two[0]]);
        yield return Case("disclosure-name-twice", new Expected("disclosure", "disclosure-repeated"), "Two disclosures of one name, both signed.\nThe holder would show one value here and the other there.", [Text("mass", "\"1000\""), Text("mass", "\"900\"", "other")]);
        yield return Case("disclosure-salt-twice", new Expected("disclosure", "disclosure-repeated"), "Two disclosures of one salt.\nWho sees one value can guess the other.", [Text("mass", "\"1000\""), Text("grade", "\"1.8\"", "mass")]);
        yield return Case("disclosure-salt-short", new Expected("disclosure", "disclosure-malformed"), "A salt of 15 bytes.\nFewer bits than keep a small value from being guessed.", [Raw($$"""["{{EvidenceWorld.Salt("mass")[..20]}}","mass","1000"]""")]);
        yield return Case("disclosure-in-clear-too", new Expected("disclosure", "disclosure-repeated"), "mass is disclosed and stands in clear too, with another value.\nTwo readers, two masses.", Two, clear: "\"mass\":\"5\",");
        yield return Case("disclosure-of-a-reference", new Expected("disclosure", "disclosure-malformed"), "in is a disclosure.\nWhat was taken would be hidden from who has to see that it is taken once.", [Raw($$"""["{{EvidenceWorld.Salt("in")}}","in",[]]""")]);
        yield return Case("disclosure-nested", new Expected("disclosure", "disclosure-malformed"), "A disclosed value holds _sd.\nDigests within disclosures, without end.", [Raw($$"""["{{EvidenceWorld.Salt("site")}}","site",{"_sd":[]}]""")]);
        yield return Case("disclosure-of-two", new Expected("disclosure", "disclosure-malformed"), "A disclosure without a name, as SD-JWT has it for elements of arrays.\nA value that belongs nowhere.", [Raw($$"""["{{EvidenceWorld.Salt("mass")}}","1000"]""")]);
        yield return Case("disclosure-member-twice", new Expected("json", "json-duplicate-member"), "In a disclosed value a member stands twice.\nTwo parsers, two values under one digest.", [Raw($$"""["{{EvidenceWorld.Salt("site")}}","site",{"country":"FI","country":"CD"}]""")]);
        yield return Case("disclosure-padded", new Expected("disclosure", "base64-ambiguous"), "A disclosure with its padding, whose digest was signed so.\nTwo texts for one value.", [Raw($$"""["{{EvidenceWorld.Salt("mass")}}","mass","1000000"]""").TrimEnd('=') + "="]);
        yield return Case("disclosure-too-long", new Expected("disclosure", "too-large"), "A disclosure of more than 8,192 characters.\nMore than a reader makes room for.", [Text("notes", $"\"{new string('x', 6200)}\"")]);
        yield return Case("disclosure-too-many", new Expected("disclosure", "payload-forbidden"), "65 digests with their disclosures.\nMore than a reader makes room for.", [.. Enumerable.Range(0, 65).Select(i => Text($"n{i}", "1"))]);
        yield return Case("disclosure-end-missing", new Expected("disclosure", "entry-malformed"), "The tilde after the last disclosure is missing.\nAn SD-JWT with a key binding ends so: what follows the last tilde would be another thing.", Two, end: "");
    }

    private static VectorCase Case(string name, Expected expect, string attack, string[] signed, string[]? sent = null, string clear = "", string end = "~")
    {
        var digests = signed.Select(text => Digest.Sha256(Encoding.ASCII.GetBytes(text)).ToString()).Order(StringComparer.Ordinal);
        var leaf = EntryCases.Signed(RawEntry.Payload($$"""{{{clear}}"_sd":[{{string.Join(',', digests.Select(d => $"\"{d}\""))}}]}""", "sha-256"));
        return new VectorCase(name, "submission", expect, attack, new Dictionary<string, byte[]>
        {
            ["submission.txt"] = VectorCase.Ascii($"{leaf}~{string.Join('~', sent ?? signed)}{end}"),
            ["trust.json"] = VectorCase.TrustKeys(("did:web:mine.example#1", EvidenceWorld.Key("mine").VerifyingKey.X)),
        });
    }

    private static string Text(string name, string value, string? salt = null) => Raw($$"""["{{EvidenceWorld.Salt(salt ?? name)}}","{{name}}",{{value}}]""");

    private static string Raw(string json) => StrictBase64Url.Encode(Encoding.UTF8.GetBytes(json));
}

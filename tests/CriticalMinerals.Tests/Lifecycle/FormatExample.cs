using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Passports;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>
/// Every value in the specification's worked example is derived again from the names of its keys. <c>UPDATE_SCHEMAS=1</c> on the run writes them anew.
/// </summary>
public sealed partial class FormatExample
{
    /// <summary>What the maker asks for in the example: a purpose that a log serves to whoever has the maker's role.</summary>
    private const Audience Purpose = Audience.Remanufacturer;

    private static readonly string[] KeyNames = ["authority", "recovery", "head", "log", "maker"];

    [Fact]
    public async Task The_worked_example_is_what_its_keys_and_the_code_give()
    {
        var file = Path.Combine(Schemas(), "ledger-format.md");
        var written = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
        var world = EvidenceWorld.ABatteryWasMade();
        var bundle = (await world.BundleAsync(EvidenceWorld.Battery, disclosures: true)).ToUtf8();
        var blocks = Blocks(world, bundle);
        var derived = Marker().Replace(written, marker => $"<!-- example {marker.Groups[1].Value} -->\n\n```text\n{blocks[marker.Groups[1].Value].TrimEnd('\n')}\n```\n");
        var example = Path.Combine(Schemas(), "ledger-format.example.json");
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMAS") == "1")
        {
            await File.WriteAllTextAsync(file, derived, new UTF8Encoding(false), TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(example, bundle, TestContext.Current.CancellationToken);
            return;
        }

        Assert.Equal(derived, written);
        Assert.Equal(blocks.Keys.Order(StringComparer.Ordinal), Marker().Matches(written).Select(marker => marker.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.Equal(bundle, await File.ReadAllBytesAsync(example, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_token_in_the_specification_asks_for_a_purpose_that_its_signer_is_served()
    {
        var text = File.ReadAllText(Path.Combine(Schemas(), "ledger-format.md"));
        var token = Payload().Matches(text).Select(found => found.Value).Select(json => StrictJson.Parse(Encoding.UTF8.GetBytes(json), out _)!.Value).Single(json => json.TryGetProperty("htm", out _));
        var enrolled = EvidenceWorld.ABatteryWasMade().Entries.Single(signed => signed.Entry.Event == "operator-enrolled.v1" && signed.Entry.Subject == token.GetProperty("iss").GetString());
        var roles = enrolled.Entry.Data.GetProperty("roles").EnumerateArray().Select(role => role.GetString());
        var purpose = AccessPolicy.Find(token.GetProperty("purpose").GetString());
        var served = purpose is { } asked ? AccessPolicy.Default.Roles[asked].Select(role => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString())) : [];
        Assert.True(served.Intersect(roles).Any(), $"{token.GetProperty("purpose")} is served to nobody with the roles {string.Join(", ", roles)}.");
    }

    [Fact]
    public void The_limits_in_the_specification_are_those_of_the_code()
    {
        var text = File.ReadAllText(Path.Combine(Schemas(), "ledger-format.md"));
        string[] stated =
        [
            Invariant($"| leaf | {Entry.MaximumLength:N0} bytes |"),
            Invariant($"| {Disclosure.MaximumLength:N0} characters; {Entry.MaximumDisclosures}; {SignedEntry.MaximumLength:N0} bytes |"),
            Invariant($"| lines an entry gives | {Commitment.MaximumLines} |"),
            Invariant($"| JSON depth | {StrictJson.MaximumDepth} |"),
            Invariant($"| proof | {MerkleTree.MaxProofLength} hashes |"),
            Invariant($"| head statement | {HeadStatement.MaximumLength:N0} characters |"),
            Invariant($"| caller token | {CallerToken.MaximumLength:N0} characters, {CallerToken.MaximumLifetime.TotalSeconds} seconds |"),
            Invariant($"| note | {SignedNote.MaxLength:N0} bytes, {SignedNote.MaxSignatures} signature lines |"),
            Invariant($"| bundle | {EvidenceBundle.MaximumLength:N0} bytes, {EvidenceBundle.MaximumChains:N0} whole chains, {EvidenceBundle.MaximumEntries:N0} entries |"),
        ];
        Assert.All(stated, line => Assert.Contains(line, text, StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Blocks(EvidenceWorld world, byte[] bundle)
    {
        var entries = world.Entries;
        var battery = entries[6].Entry;
        var head = world.Head(EvidenceWorld.Battery);
        var token = CallerToken.Sign(
            EvidenceWorld.Key("maker"), EvidenceWorld.Maker + "#maker", EvidenceWorld.Origin, "GET", new Uri("https://ledger.example.com/evidence?sub=" + Uri.EscapeDataString(EvidenceWorld.Battery)),
            EvidenceWorld.Uuid("token"), AccessPolicy.Wire(Purpose), world.Now, world.Now.AddMinutes(1));
        var verifier = new NoteVerifier(EvidenceWorld.Origin, EvidenceWorld.Key("log").VerifyingKey);
        var receipt = new Receipt(6, world.ProofOf(6).Path, world.Checkpoint());
        var taken = battery.Taken[0];
        var declared = entries[1].Entry.Data.GetProperty("key");
        var tile = new Tile(0, 0, 7);
        var verdict = EvidenceVerifier.Verify(bundle, EvidenceWorld.Policy);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["keys"] = string.Concat(KeyNames.Select(name => $"{name}\n  kid     {(name == "maker" ? EvidenceWorld.Maker : EvidenceWorld.LogDid)}#{name}\n  private {Convert.ToHexStringLower(EvidenceWorld.Secret(name))}\n  x       {EvidenceWorld.Key(name).VerifyingKey.X}\n")),
            ["log"] = $"origin {EvidenceWorld.Origin}\n" + Lines(entries, (signed, index) =>
                $"{index} {signed.Entry.Event} on {signed.Entry.Subject}\n  seq {signed.Entry.Sequence}, prv {signed.Entry.Previous}\n  h   {signed.Entry.LeafHash}"),
            ["leaves"] = Lines(entries, (signed, _) => signed.Entry.ToString()),
            ["entry"] = $"{Part(battery, 0)}\n\n{Part(battery, 1)}\n\nsignature {battery.ToString().Split('.')[2]}",
            ["commitment"] = $"""
                cm-out/v1
                {battery.Subject}
                {battery.Actor}
                {taken.Opening}

                SHA-256 of these four lines, each with its line end:
                {Commitment.To(battery.Subject, battery.Actor, taken.Opening)}
                """,
            ["disclosures"] = Lines([.. entries.SelectMany((signed, index) => signed.Disclosures.Select(disclosure => (index, disclosure)))], (item, _) =>
                $"entry {item.index}\n  JSON   {Decoded(item.disclosure.Text)}\n  text   {item.disclosure.Text}\n  digest {item.disclosure.Digest}"),
            ["proof"] = $"""
                cm-key/v1
                {EvidenceWorld.Origin}
                {EvidenceWorld.Maker}
                {declared.GetProperty("kid").GetString()}
                operator
                {declared.GetProperty("jwk").GetProperty("x").GetString()}

                signature over these six lines, each with its line end:
                {declared.GetProperty("proof").GetString()}
                """,
            ["tree"] = Lines([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (0, 2), (2, 4), (4, 6), (0, 4), (4, 7), (0, 7)], (range, _) =>
                $"[{range.Item1}, {range.Item2})  {MerkleTree.Root(world.Leaves.AsSpan(range.Item1..range.Item2))}"),
            ["vkey"] = verifier.ToString(),
            ["checkpoint"] = world.Checkpoint().ToString(),
            ["receipt"] = receipt.ToString(),
            ["head"] = $"{Decoded(head.Text.Split('.')[0])}\n\n{Decoded(head.Text.Split('.')[1])}\n\n{head.Text}",
            ["token"] = $"{Decoded(token.Text.Split('.')[0])}\n\n{Decoded(token.Text.Split('.')[1])}\n\n{token.Text}",
            ["tiles"] = $"/{tile.Path}  {tile.Length} bytes: the seven leaf hashes of 1.6\n/{tile.EntriesPath}  SHA-256 {Digest.Sha256(EntryBundle.Encode([.. entries.Select(signed => signed.Entry.Leaf)]))}",
            ["bundle"] = Describe(bundle),
            ["verdict"] = $"structure   verified: {((LayerVerdict.Verified)verdict.Structure).What}\nquantities  verified: {((LayerVerdict.Verified)verdict.Quantities).What}\nwhole log   not checked: {((LayerVerdict.NotChecked)verdict.WholeLog).Why}",
        };
    }

    private static string Describe(byte[] bytes)
    {
        var bundle = EvidenceBundle.Parse(bytes, out _)!;
        static string Place(PlacedEntry placed) => $"entry {placed.Index}, {placed.Signed.Disclosures.Count} disclosures, proof of {placed.Path.Count} hashes";
        return $"{bytes.Length} bytes, SHA-256 {Digest.Sha256(bytes)}\n" +
            string.Concat(bundle.Chains.Select(chain => $"chain {chain.Subject}\n" + string.Concat(chain.Entries.Select(placed => $"  {Place(placed)}\n")))) +
            string.Concat(bundle.Cited.Select(placed => $"cited {placed.Entry.Subject}\n  {Place(placed)}\n"));
    }

    private static string Part(Entry entry, int part) => Decoded(entry.ToString().Split('.')[part]);

    private static string Decoded(string base64Url) => Encoding.UTF8.GetString(StrictBase64Url.Decode(base64Url)!);

    private static string Lines<T>(IReadOnlyList<T> items, Func<T, int, string> line) => string.Concat(items.Select((item, index) => line(item, index) + "\n"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Schemas([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "schemas"));

    [GeneratedRegex(@"^\{.*\}$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Payload();

    // The block after a marker belongs to it; a marker without one gets its first.
    [GeneratedRegex(@"<!-- example ([a-z]+) -->\n(?:\n```text\n[^`]*\n```\n)?", RegexOptions.CultureInvariant)]
    private static partial Regex Marker();
}

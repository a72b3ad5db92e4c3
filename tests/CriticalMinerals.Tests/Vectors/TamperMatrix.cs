using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>
/// The tamper matrix under <c>tests/vectors</c>: our verifier and the second one under <c>tests/second-verifier</c> say the same of every case, and what is
/// expected. <c>UPDATE_VECTORS=1</c> on the run writes the cases anew.
/// </summary>
public sealed class TamperMatrix
{
    private static readonly IReadOnlyList<VectorCase> Cases =
    [
        .. EntryCases.All(), .. SignatureCases.All(), .. DisclosureCases.All(), .. NoteCases.All(), .. ProofCases.All(), .. HeadCases.All(),
        .. EvidenceCases.All(), .. LogCases.All(), .. KeyCases.All(), .. RightsCases.All(), .. SuccessorCases.All(),
    ];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cases_are_what_their_generator_makes()
    {
        var made = Cases.SelectMany(made => made.AllFiles().Select(file => ($"{made.Name}/{file.Key}", file.Value))).ToDictionary(file => file.Item1, file => file.Value, StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_VECTORS") == "1")
        {
            foreach (var folder in Directory.GetDirectories(Vectors()))
            {
                Directory.Delete(folder, recursive: true);
            }

            foreach (var (path, bytes) in made)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Vectors(), path))!);
                await File.WriteAllBytesAsync(Path.Combine(Vectors(), path), bytes, Now);
            }

            return;
        }

        var written = Directory.GetDirectories(Vectors()).SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            .ToDictionary(file => Path.GetRelativePath(Vectors(), file).Replace('\\', '/'), File.ReadAllBytes, StringComparer.Ordinal);
        Assert.Equal(made.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.All(made, file => Assert.True(written[file.Key].AsSpan().SequenceEqual(file.Value), $"{file.Key} is not what the generator makes. UPDATE_VECTORS=1 writes it anew."));
    }

    [Fact]
    public void Every_case_has_its_own_name_and_says_in_two_lines_what_was_done_and_what_would_follow()
    {
        Assert.Equal(Cases.Count, Cases.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Cases, c => Assert.Equal(2, c.Attack.Split('\n').Length));
        Assert.True(Cases.Count(c => c.Expect.Layer is not null) >= 60);
    }

    [Fact]
    public async Task Our_verifier_finds_in_every_case_what_is_wrong_and_where()
    {
        var wrong = new List<string>();
        foreach (var c in Cases)
        {
            var found = await OurVerdict.OfAsync(Path.Combine(Vectors(), c.Name), c.Kind, Now);
            if ((found.Code, found.Index) != (c.Expect.Failure, c.Expect.Index) || (c.Expect.Disputed is { } disputed && !disputed.SequenceEqual(found.Disputed)))
            {
                wrong.Add($"{c.Name}: expected {c.Expect.Failure ?? "verified"} at {c.Expect.Index}, found {found.Code ?? "verified"} at {found.Index}, disputed {string.Join(' ', found.Disputed)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task The_second_verifier_finds_the_same_in_the_same_layer()
    {
        var verdicts = await SecondVerifier.AllAsync(Vectors());
        Assert.Equal(Cases.Select(c => c.Name).Order(StringComparer.Ordinal), verdicts.Keys.Order(StringComparer.Ordinal));
        var wrong = new List<string>();
        foreach (var c in Cases)
        {
            var found = verdicts[c.Name];
            var layer = found.TryGetProperty("layer", out var at) ? at.GetString() : null;
            var index = found.TryGetProperty("index", out var place) && place.ValueKind == JsonValueKind.Number ? place.GetInt64() : (long?)null;
            long[] disputed = found.TryGetProperty("disputed", out var marked) ? [.. marked.EnumerateArray().Select(i => i.GetInt64())] : [];
            if (found.GetProperty("verdict").GetString() != c.Expect.Verdict || layer != c.Expect.Layer || (c.Expect.Index is { } expected && index != expected) || c.Expect.Disputed?.SequenceEqual(disputed) == false)
            {
                wrong.Add($"{c.Name}: expected {c.Expect.Layer ?? "verified"} at {c.Expect.Index}, found {found}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task The_second_verifier_accepts_the_specification_s_own_example()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Vectors(), "..", "..", "schemas", "ledger-format.md"), Now);
        string Block(string name) => Regex.Match(text, $"<!-- example {name} -->\n\n```text\n([^`]*)```").Groups[1].Value;
        var leaves = Block("leaves").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(leaf => new ReadOnlyMemory<byte>(VectorCase.Ascii(leaf))).ToArray();
        var hashes = leaves.Select(leaf => Digest.OfLeaf(leaf.Span)).ToArray();
        var folder = Directory.CreateTempSubdirectory("cm-example-").FullName;
        try
        {
            foreach (var (path, bytes) in new Dictionary<string, byte[]>
            {
                ["trust.json"] = VectorCase.Trust(trust => trust["authority"] = Lifecycle.EvidenceWorld.Key("authority").VerifyingKey.X),
                ["log/checkpoint"] = Encoding.UTF8.GetBytes(Block("checkpoint")),
                ["log/tile/0/000.p/7"] = Tile.Join(hashes),
                ["log/tile/entries/000.p/7"] = EntryBundle.Encode(leaves),
                ["entry.txt"] = leaves[6].ToArray(),
                ["receipt.txt"] = Encoding.UTF8.GetBytes(Block("receipt")),
                ["head.txt"] = VectorCase.Ascii(Block("head").TrimEnd('\n').Split('\n')[^1]),
            })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
                await File.WriteAllBytesAsync(Path.Combine(folder, path), bytes, Now);
            }

            Assert.Equal(0, (await SecondVerifier.RunAsync("receipt", folder)).Code);
            var log = JsonDocument.Parse((await SecondVerifier.RunAsync("log", folder)).Output).RootElement;
            Assert.Equal(("verified", 7, "not checked"), (log.GetProperty("verdict").GetString(), log.GetProperty("size").GetInt32(), log.GetProperty("rules").GetString()));

            var bundle = JsonDocument.Parse((await SecondVerifier.RunAsync("evidence", Path.Combine(Vectors(), "..", "..", "schemas", "ledger-format.example.json"), Path.Combine(folder, "trust.json"))).Output).RootElement;
            Assert.Equal(("verified", 6), (bundle.GetProperty("verdict").GetString(), bundle.GetProperty("entries").GetInt32()));
            Assert.Equal(2, (await SecondVerifier.RunAsync(expectErrors: true, "log")).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Vectors() => SecondVerifier.Tests("vectors");
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>What the second verifier says where nothing was chosen to be found: of honest logs of every kind, and of entries altered by chance.</summary>
public sealed class SecondOpinion : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cm-second-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_refuses_no_log_that_ours_admits_whatever_happened_in_it()
    {
        foreach (var (name, say) in EveryEvent.Situations)
        {
            var world = World.Opened();
            say(world);
            Publish(name, world);
        }

        var verdicts = await SecondVerifier.AllAsync(_folder);
        Assert.Equal(EveryEvent.Situations.Count(), verdicts.Count);
        Assert.All(verdicts, verdict => Assert.True(verdict.Value.GetProperty("verdict").GetString() == "verified", verdict.Value.ToString()));
    }

    [Fact]
    public async Task It_takes_and_refuses_the_same_entries_as_ours_when_they_are_altered_by_chance_and_signed_anew()
    {
        // A fixed seed, so that a failure comes again.
        var random = new Random(20261126);
        var ours = new Dictionary<string, (bool Taken, string Payload)>(StringComparer.Ordinal);
        for (var i = 0; i < (Environment.GetEnvironmentVariable("FULL_SIZE") == "1" ? 20_000 : 300); i++)
        {
            var name = i.ToString("d5", CultureInfo.InvariantCulture);
            var (header, payload) = random.Next(5) == 0 ? (Altered(RawEntry.Header, random), Rich()) : (RawEntry.Header, Altered(Rich(), random));
            var leaf = VectorCase.Ascii(EntryCases.Signed(payload, header));
            var entry = Entry.Parse(leaf, out _);
            ours[name] = (entry is { Origin: ForgedLog.Origin, KeyId: "did:web:mine.example#1" }, header + payload);
            Write(name, "entry", new Dictionary<string, byte[]> { ["entry.txt"] = leaf, ["trust.json"] = VectorCase.TrustKeys(("did:web:mine.example#1", EvidenceWorld.Key("mine").VerifyingKey.X)) });
        }

        var theirs = await SecondVerifier.AllAsync(_folder);
        Assert.Contains(ours, verdict => verdict.Value.Taken);
        Assert.All(ours, verdict => Assert.True(verdict.Value.Taken == (theirs[verdict.Key].GetProperty("verdict").GetString() == "verified"), $"ours takes it: {verdict.Value.Taken}; theirs: {theirs[verdict.Key]}; {verdict.Value.Payload}"));
    }

    // An entry with everything in it that has a form of its own.
    private static string Rich() => RawEntry.Payload(
        $$"""{"open":false,"n":12,"list":[true,null,-7,"\u00e9\\"],"site":{"country":"FI"},"for":"did:web:maker.example","out":["{{RawEntry.SomeDigest}}"],"in":[{"h":"{{RawEntry.SomeDigest}}","i":0,"s":"xm6n_bQVn8NLAECWjBFe1w"}],"ref":[{"h":"{{RawEntry.SomeDigest}}","sub":"urn:uuid:0e37df36-f698-11e6-8dd4-cb9ced3df976"}],"_sd":["{{RawEntry.SomeDigest}}"]}""", "sha-256");

    private static string Altered(string text, Random random)
    {
        string[] pieces = ["0", "-", "1e0", ".5", "\"", "\\", "\\u0000", "\\ud83d", "\\ude00", "\\/", ",", ":", "{", "}", "[", "]", " ", "\n", "\t", "\u00a0", "\u200f", "\ufdd0", "\U0001f600", "null", "true", "[]", "{}", "A", "_", "=", "9007199254740991", "9007199254740992", "\"_sd\":1,", "\"...\":1,", "\u007f", "\u001f", "did:web:a.example%3A80", "#"];
        var changed = new StringBuilder(text);
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            var at = random.Next(changed.Length);
            switch (random.Next(4))
            {
                case 0:
                    changed.Remove(at, Math.Min(changed.Length - at, random.Next(1, 4)));
                    break;
                case 1:
                    changed.Insert(at, pieces[random.Next(pieces.Length)]);
                    break;
                case 2:
                    changed[at] = (char)random.Next(0x20, 0x7F);
                    break;
                default:
                    // A value for another: what stands between two marks of structure.
                    var end = at;
                    while (end < changed.Length && !",:{}[]".Contains(changed[end], StringComparison.Ordinal))
                    {
                        end++;
                    }

                    changed.Remove(at, end - at).Insert(at, pieces[random.Next(pieces.Length)]);
                    break;
            }
        }

        return changed.ToString();
    }

    private void Publish(string name, World world)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["trust.json"] = VectorCase.Json(new JsonObject { ["origin"] = World.Origin, ["vkeys"] = new JsonArray(new NoteVerifier(World.Origin, world.LogKey.Key.VerifyingKey).ToString()) }),
        };
        foreach (var path in Tile.AllOf((ulong)world.Log.Count).SelectMany(tile => tile.Level == 0 ? (string[])[tile.Path, tile.EntriesPath] : [tile.Path]).Append("checkpoint"))
        {
            files["log/" + path] = Door.File(world, path)!;
        }

        Write(name, "log", files);
    }

    private void Write(string name, string kind, Dictionary<string, byte[]> files)
    {
        files["expect.json"] = VectorCase.Json(new JsonObject { ["kind"] = kind, ["verdict"] = "verified" });
        foreach (var (path, bytes) in files)
        {
            var file = Path.Combine(_folder, name, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }
}

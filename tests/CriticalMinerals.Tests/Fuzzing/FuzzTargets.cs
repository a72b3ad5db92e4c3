using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Fuzzing;

/// <summary>Every reader of what strangers write, with sound inputs of fixed seeds. A reader that is missing here is one that nobody fires at.</summary>
internal static class FuzzTargets
{
    private static readonly EvidenceWorld World = EvidenceWorld.ABatteryWasMade();
    private static readonly TrustPolicy Policy = EvidenceWorld.Policy;
    private static readonly SigningKey Key = EvidenceWorld.Key("maker");

    public static string[] Names =>
    [
        "entry", "sd-jwt", "disclosure", "json", "note", "checkpoint", "vkey", "policy", "tile-path", "tile", "entry-bundle", "receipt", "inclusion", "consistency", "edge",
        "head", "readings", "caller-token", "evidence", "contradiction", "handed-line", "time-stamp", "audit-state", "monitor-state", "event",
    ];

    public static IReadOnlyList<Target> All()
    {
        var bundle = World.BundleAsync(EvidenceWorld.Battery, disclosures: true, closed: true).GetAwaiter().GetResult();
        var note = World.Checkpoint().ToString();
        var receipt = new Receipt(3, World.ProofOf(3).Path, World.Checkpoint());
        var leaf = World.Entries[3].Entry.LeafHash;
        var root = MerkleTree.Root(World.Leaves);
        byte[][] leaves = [.. World.Entries.Select(e => e.Entry.Leaf.ToArray())];
        var fork = new Contradiction { Kind = ContradictionKind.Fork, Origin = EvidenceWorld.Origin, At = DateTimeOffset.UnixEpoch, Expected = "a", Found = "b", Earlier = World.Checkpoint(), Later = World.Checkpoint(), Root = root, Statement = World.Head(EvidenceWorld.Battery), Entry = bundle.Chains[0].Entries[0], LogChain = bundle.Chains[1].Entries };
        var line = new HandedLine { Line = 0, Opening = EvidenceWorld.Opening(EvidenceWorld.Battery), To = EvidenceWorld.Battery, Operator = EvidenceWorld.Maker, Entry = World.Entries[5].Entry.ToString(), Disclosures = [.. World.Entries[5].Disclosures.Select(d => d.Text)], Receipt = new Receipt(5, World.ProofOf(5).Path, World.Checkpoint()).ToString() };
        return
        [
            new("entry", leaves, bytes => Entry.Parse(bytes, out var fault) is { } entry ? Alike(bytes, entry.Leaf.ToArray()) && Alike(bytes, Encoding.ASCII.GetBytes(entry.ToString())) : Named(fault)),
            new("sd-jwt", [.. World.Entries.Select(e => Encoding.ASCII.GetBytes(e.ToSdJwt()))], ReadSdJwt),
            new("disclosure", [.. World.Entries.SelectMany(e => e.Disclosures).Select(d => Encoding.ASCII.GetBytes(d.Text))], bytes => Disclosure.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } d ? Alike(bytes, Encoding.Latin1.GetBytes(d.Text)) : Named(fault)),
            new("json", [bundle.ToUtf8(), """{"a":[1,-2,{"b":"é\u00e9\ud83d\ude00"}],"c":null,"d":true}"""u8.ToArray()], ReadJson),
            new("note", [Utf8(note), Utf8(World.Checkpoint().With(NoteSignature.Cosign(World.Checkpoint().Text, "witness.example", Key, 5)).ToString())], bytes => SignedNote.Parse(bytes, out var fault) is { } read ? Alike(bytes, Utf8(read.ToString())) && Verifies(read) : Named(fault)),
            new("checkpoint", [Utf8(World.Checkpoint().Text)], bytes => Checkpoint.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } read ? Alike(bytes, Encoding.Latin1.GetBytes(read.Text)) : Named(fault)),
            new("vkey", [.. Policy.LogKeys.Select(k => Utf8(k.ToString()))], bytes => NoteVerifier.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } read ? Alike(bytes, Encoding.Latin1.GetBytes(read.ToString())) : Named(fault)),
            new("policy", [Utf8(string.Join('\n', Policy.LogKeys) + "\n")], ReadPolicy),
            new("tile-path", [.. new[] { new Tile(0, 0, 256), new Tile(2, 1234567, 256), new Tile(1, 66, 17) }.Select(t => Utf8(t.Path)), Utf8(new Tile(0, 5, 3).EntriesPath)], ReadTilePath),
            new("tile", [[(byte)(World.Leaves.Length - 1), .. Tile.Join(World.Leaves)]], bytes => bytes.Length > 0 && new Tile(0, 0, bytes[0] + 1).Read(bytes.AsSpan(1)) is { } hashes && Alike(bytes[1..], Tile.Join(hashes))),
            new("entry-bundle", [[(byte)(leaves.Length - 1), .. EntryBundle.Encode([.. leaves.Select(l => new ReadOnlyMemory<byte>(l))])]], ReadEntryBundle),
            new("receipt", [Utf8(receipt.ToString()), Utf8(new Receipt(3, receipt.Path, receipt.Checkpoint, new byte[] { 1, 2 }).ToString())], bytes => Receipt.Parse(bytes, out var fault) is { } read ? Alike(bytes, Utf8(read.ToString())) && Asked(read.Verify(leaf, Policy.LogKeys, out _)) : Named(fault)),
            new("inclusion", [Proof(3, (ulong)World.Leaves.Length, World.ProofOf(3).Path), Proof(0, 1, [])], bytes => ReadProof(bytes, (a, b, path) => new InclusionProof(a, b, path).Verify(leaf, root))),
            new("consistency", [Proof(3, 7, World.ProofOf(3).Path), Proof(0, 7, []), Proof(7, 7, [])], bytes => ReadProof(bytes, (a, b, path) => new ConsistencyProof(a, b, path).Verify(leaf, root))),
            new("edge", [RightEdge.Empty.Append(World.Leaves).ToArray()], bytes => RightEdge.Parse(bytes, out var fault) is { } read ? Alike(bytes, read.ToArray()) && read.Root() is var _ : Named(fault)),
            new("head", [Utf8(World.Head(EvidenceWorld.Battery).Text)], bytes => HeadStatement.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } read ? Alike(bytes, Encoding.Latin1.GetBytes(read.Text)) && Any(read.IsSignedBy(Key.VerifyingKey)) : Named(fault)),
            new("readings", [Utf8(ReadingStatement.Sign(Key, EvidenceWorld.Maker + "#maker", EvidenceWorld.Origin, EvidenceWorld.Battery, 3, leaf, DateTimeOffset.UnixEpoch).Text)], bytes => ReadingStatement.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } read ? Alike(bytes, Encoding.Latin1.GetBytes(read.Text)) && Any(read.IsSignedBy(Key.VerifyingKey)) : Named(fault)),
            new("caller-token", [Utf8(Token())], bytes => CallerToken.Parse(Encoding.Latin1.GetString(bytes), out var fault) is { } read ? Any(read.IsSignedBy(Key.VerifyingKey)) && Asked(read.Check(EvidenceWorld.Origin, "GET", ["http://ledger.example.com/x"], EvidenceWorld.Start)) : Named(fault)),
            new("evidence", [bundle.ToUtf8()], ReadEvidence),
            new("contradiction", [fork.ToUtf8(), (fork with { Kind = ContradictionKind.Omission, Earlier = null, Root = null }).ToUtf8(), (fork with { Kind = ContradictionKind.Chain, Ended = fork.Entry, Between = [fork.Later] }).ToUtf8()], bytes => Contradiction.Parse(bytes, out var fault) is { } read ? Alike(read.ToUtf8(), Contradiction.Parse(read.ToUtf8(), out _)?.ToUtf8()) && Asked(read.Verify(Policy.LogKeys, out _)) : Named(fault)),
            new("handed-line", [Utf8(line.ToJson())], bytes => HandedLine.Parse(bytes, out var fault) is { } read ? Alike(Utf8(read.ToJson()), Utf8(HandedLine.Parse(Utf8(read.ToJson()), out _)?.ToJson() ?? "")) && Asked(read.Verify(Policy.LogKeys, out _)) : Named(fault)),
            new("time-stamp", [TimeStamp.Token], bytes => Asked(TimeStampAuditor.Verify(bytes, "note"u8, [], out _, out _))),
            new("audit-state", [AuditState()], bytes => ReadFile([.. bytes, .. SHA256.HashData(bytes)], file => AuditMemory.Read(file))),
            new("monitor-state", [Utf8(new JsonObject { ["checkpoint"] = note, ["cosigned"] = "2026-11-26T12:00:00+00:00", ["answered"] = "2026-11-26T12:00:00+00:00", ["statements"] = new JsonArray("x"), ["checkpoints"] = new JsonArray(note) }.ToJsonString())], ReadMonitorState),
            new("event", FuzzedEvents.Seeds(), new FuzzedEvents().Reads),
        ];
    }

    /// <summary>What was accepted is what is written.</summary>
    internal static bool Alike(byte[] read, byte[]? written) => written is not null && read.AsSpan().SequenceEqual(written) ? true : throw new UnlikeException($"read {Convert.ToBase64String(read)}, written {(written is null ? "nothing" : Convert.ToBase64String(written))}");

    /// <summary>A refusal says why.</summary>
    internal static bool Named(object? fault) => fault is null ? throw new UnlikeException("neither accepted nor refused") : false;

    private static bool Asked(Fault? _) => true;

    private static bool Any(bool _) => true;

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static bool Verifies(SignedNote note)
    {
        Fault? fault = null;
        return note.Verify(Policy.LogKeys, out fault) is { } verified ? Checkpoint.From(verified, out fault) is not null || !Named(fault) : !Named(fault);
    }

    private static bool ReadSdJwt(byte[] bytes)
    {
        if (SignedEntry.Parse(bytes, out var fault) is not { } signed)
        {
            return Named(fault);
        }

        // Disclosures may come in any order; written once, they stay as they are.
        var written = Encoding.ASCII.GetBytes(signed.ToSdJwt());
        return Alike(written, SignedEntry.Parse(written, out _) is { } again ? Encoding.ASCII.GetBytes(again.ToSdJwt()) : null) && bytes.Length == written.Length
            ? true : throw new UnlikeException("of another length");
    }

    private static bool ReadJson(byte[] bytes)
    {
        if (StrictJson.Parse(bytes, out var fault) is not { } json)
        {
            return Named(fault);
        }

        var written = JsonSerializer.SerializeToUtf8Bytes(json);
        return StrictJson.Parse(written, out _) is { } again && JsonElement.DeepEquals(json, again) ? true : throw new UnlikeException(Encoding.UTF8.GetString(written));
    }

    private static bool ReadPolicy(byte[] bytes)
    {
        if (TrustPolicy.Parse(Encoding.UTF8.GetString(bytes), out var fault) is not { } policy)
        {
            return Named(fault);
        }

        return TrustPolicy.Parse(string.Join('\n', policy.LogKeys), out _)?.LogKeys.SequenceEqual(policy.LogKeys) == true ? true : throw new UnlikeException("other keys");
    }

    private static bool ReadTilePath(byte[] bytes)
    {
        var path = Encoding.Latin1.GetString(bytes);
        return (Tile.TryParse(path, out var tile) && Alike(bytes, Utf8(tile.Path))) || (Tile.TryParseEntries(path, out tile) && Alike(bytes, Utf8(tile.EntriesPath)));
    }

    private static bool ReadEntryBundle(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return false;
        }

        return EntryBundle.Decode(bytes.AsMemory(1), bytes[0] + 1, out var fault) is { } entries ? Alike(bytes[1..], EntryBundle.Encode([.. entries])) : Named(fault);
    }

    private static byte[] Proof(ulong first, ulong second, IReadOnlyList<Digest> path)
    {
        var bytes = new byte[16 + (path.Count * Digest.Length)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, first);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), second);
        Tile.Join([.. path]).CopyTo(bytes, 16);
        return bytes;
    }

    private static bool ReadProof(byte[] bytes, Func<ulong, ulong, IReadOnlyList<Digest>, Fault?> verify)
    {
        if (bytes.Length < 16)
        {
            return false;
        }

        var path = new List<Digest>();
        for (var at = 16; at + Digest.Length <= bytes.Length; at += Digest.Length)
        {
            path.Add(new Digest(bytes.AsSpan(at, Digest.Length)));
        }

        return Asked(verify(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)), path));
    }

    private static bool ReadEvidence(byte[] bytes)
    {
        var verdict = EvidenceVerifier.Verify(bytes, Policy, out _);
        if (EvidenceBundle.Parse(bytes, out var rejection) is not { } bundle)
        {
            return verdict.IsRejected && Named(rejection);
        }

        return Alike(bundle.ToUtf8(), EvidenceBundle.Parse(bundle.ToUtf8(), out _)?.ToUtf8());
    }

    private static string Token()
    {
        var header = """{"alg":"Ed25519","kid":"did:web:maker.example#maker","typ":"cm-caller+jwt"}""";
        var payload = new JsonObject
        {
            ["aud"] = EvidenceWorld.Origin,
            ["iss"] = EvidenceWorld.Maker,
            ["htm"] = "GET",
            ["htu"] = "http://ledger.example.com/x",
            ["iat"] = EvidenceWorld.Start.ToUnixTimeSeconds(),
            ["exp"] = EvidenceWorld.Start.ToUnixTimeSeconds() + 60,
            ["jti"] = EvidenceWorld.Uuid("token"),
            ["purpose"] = "repairer",
        };
        var input = $"{StrictBase64Url.Encode(Utf8(header))}.{StrictBase64Url.Encode(Utf8(payload.ToJsonString()))}";
        return $"{input}.{StrictBase64Url.Encode(Key.Sign(Utf8(input)))}";
    }

    // The state of a whole audit without the sum at its end, which is put under whatever is made of it.
    private static byte[] AuditState()
    {
        using var folder = new Client.Folder();
        foreach (var (path, content) in new[]
        {
            ("checkpoint", Utf8(World.Checkpoint().ToString())),
            (new Tile(0, 0, World.Leaves.Length).Path, Tile.Join(World.Leaves)),
            (new Tile(0, 0, World.Leaves.Length).EntriesPath, EntryBundle.Encode([.. World.Entries.Select(e => e.Entry.Leaf)])),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
            File.WriteAllBytes(folder[path], content);
        }

        Assert.Null(new Auditor(LogFiles.In(folder.Path)) { Keys = Policy.LogKeys, StateFile = folder["state"] }.AuditAsync().GetAwaiter().GetResult().Rejection);
        return File.ReadAllBytes(folder["state"])[..^Digest.Length];
    }

    // A damaged state is told in one way, which commands turn into a sentence.
    private static bool ReadFile(byte[] bytes, Func<string, object?> read)
    {
        var file = Path.Combine(Path.GetTempPath(), $"fuzz-state-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}");
        try
        {
            File.WriteAllBytes(file, bytes);
            return read(file) is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static bool ReadMonitorState(byte[] bytes) => ReadFile(bytes, file =>
    {
        File.Move(file, file + ".monitor", overwrite: true);
        try
        {
            // The log is not there, so that the memory alone is read.
            return new LogMonitor(LogFiles.In("/nonexistent")) { Policy = Policy, StateFile = file, Clock = new Fixed() }.LookAsync().GetAwaiter().GetResult();
        }
        finally
        {
            File.Delete(file + ".monitor");
        }
    });

    private sealed class Fixed : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => EvidenceWorld.Start;
    }

    /// <summary>A token of fixed bytes, as OpenSSL made it once.</summary>
    private static class TimeStamp
    {
        public static byte[] Token { get; } = File.ReadAllBytes(Path.Combine(new Target("time-stamp", [], _ => true).CorpusFolder, "token.der"));
    }
}

using System.Text;
using System.Text.Json;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>What our verifier says of the files of a case.</summary>
/// <param name="Code">The code, after a slash the rule's where a rule refuses; null when nothing is wrong.</param>
/// <param name="Index">Index of the first bad entry.</param>
internal sealed record OurVerdict(string? Code, long? Index)
{
    public long[] Disputed { get; init; } = [];

    private static OurVerdict Sound { get; } = new(null, null);

    public static async Task<OurVerdict> OfAsync(string folder, string kind, CancellationToken cancellation)
    {
        byte[] Read(string name) => File.ReadAllBytes(Path.Combine(folder, name));
        string Text(string name) => Encoding.UTF8.GetString(Read(name));
        var trust = JsonDocument.Parse(File.Exists(Path.Combine(folder, "trust.json")) ? Read("trust.json") : "{}"u8.ToArray()).RootElement;
        return kind switch
        {
            "entry" => OfEntry(Entry.Parse(Read("entry.txt"), out var fault), fault, trust),
            "submission" => OfEntry(SignedEntry.Parse(Read("submission.txt"), out var fault)?.Entry, fault, trust),
            "note" => OfNote(Read("note.txt"), trust, out _),
            "inclusion" or "consistency" => OfProof(kind, JsonDocument.Parse(Read("proof.json")).RootElement),
            "receipt" => OfReceipt(Text("receipt.txt"), Read("entry.txt"), trust, out _),
            "head" => OfHead(Text("head.txt"), trust),
            "evidence" => OfEvidence(Read("evidence.json"), trust),
            "log" => await OfLogAsync(folder, trust, cancellation),
            _ => throw new ArgumentException(kind, nameof(kind)),
        };
    }

    private static OurVerdict Of(Fault? fault) => fault is null ? Sound : new OurVerdict(fault.Failure.ToCode(), null);

    private static OurVerdict Of(Rejection? rejection) =>
        rejection is null ? Sound : new OurVerdict(rejection.Failure.ToCode() + (rejection.Failure == Failure.RuleRefused ? "/" + rejection.Rule : ""), (long?)rejection.Index);

    private static OurVerdict OfEntry(Entry? entry, Fault? fault, JsonElement trust)
    {
        if (entry is null)
        {
            return Of(fault);
        }

        if (entry.Origin != trust.GetProperty("origin").GetString())
        {
            return new OurVerdict(Failure.LogForeign.ToCode(), null);
        }

        return KeyOf(entry.KeyId, trust, out fault) is not { } key ? Of(fault) : entry.IsSignedBy(key) ? Sound : new OurVerdict(Failure.SignatureInvalid.ToCode(), null);
    }

    private static VerifyingKey? KeyOf(string kid, JsonElement trust, out Fault? fault) => VerifyingKey.FromX(trust.GetProperty("keys").GetProperty(kid).GetString()!, out fault);

    private static List<NoteVerifier>? KeysOf(JsonElement trust, out Fault? fault)
    {
        fault = null;
        var keys = new List<NoteVerifier>();
        foreach (var text in trust.GetProperty("vkeys").EnumerateArray().Concat(trust.TryGetProperty("witnesses", out var witnesses) ? witnesses.EnumerateArray() : []))
        {
            if (NoteVerifier.Parse(text.GetString()!, out fault) is not { } key)
            {
                return null;
            }

            keys.Add(key);
        }

        return keys;
    }

    private static OurVerdict OfNote(byte[] note, JsonElement trust, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (KeysOf(trust, out var fault) is { } keys && SignedNote.Parse(note, out fault) is { } parsed && parsed.Verify(keys, out fault) is { } verified)
        {
            checkpoint = Checkpoint.From(verified, out fault);
        }

        return Of(fault);
    }

    private static OurVerdict OfProof(string kind, JsonElement proof)
    {
        ulong Number(string name) => proof.GetProperty(name).GetUInt64();
        Digest Hash(string name) => Digest.Parse(proof.GetProperty(name).GetString()!);
        Digest[] path = [.. proof.GetProperty("proof").EnumerateArray().Select(hash => Digest.Parse(hash.GetString()!))];
        return Of(kind == "inclusion"
            ? new InclusionProof(Number("index"), Number("size"), path).Verify(Hash("hash"), Hash("root"))
            : new ConsistencyProof(Number("first"), Number("second"), path).Verify(Hash("firstRoot"), Hash("secondRoot")));
    }

    private static OurVerdict OfReceipt(string text, byte[] leaf, JsonElement trust, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        return Receipt.Parse(text, out var fault) is { } receipt && KeysOf(trust, out fault) is { } keys ? Of(receipt.Verify(leaf, keys, out checkpoint)) : Of(fault);
    }

    private static OurVerdict OfHead(string text, JsonElement trust)
    {
        if (HeadStatement.Parse(text, out var fault) is not { } head || KeyOf(head.KeyId, trust, out fault) is not { } key)
        {
            return Of(fault);
        }

        var failure = head.Origin != trust.GetProperty("origin").GetString() ? Failure.LogForeign
            : !head.IsSignedBy(key) ? Failure.SignatureInvalid
            : FreshAt(trust) is { } at && head.ExpiresAt < at ? Failure.HeadExpired : (Failure?)null;
        return new OurVerdict(failure?.ToCode(), null);
    }

    private static DateTimeOffset? FreshAt(JsonElement trust) => trust.TryGetProperty("at", out var at) ? DateTimeOffset.FromUnixTimeSeconds(at.GetInt64()) : null;

    private static OurVerdict OfEvidence(byte[] bundle, JsonElement trust)
    {
        var verdict = EvidenceVerifier.Verify(bundle, new TrustPolicy(KeysOf(trust, out _)!)
        {
            Authority = trust.TryGetProperty("authority", out var authority) ? VerifyingKey.FromX(authority.GetString()!, out _) : null,
            FreshAt = FreshAt(trust),
        });
        return Of(verdict.Rejection) with { Disputed = [.. verdict.Disputed.Select(index => (long)index)] };
    }

    private static async Task<OurVerdict> OfLogAsync(string folder, JsonElement trust, CancellationToken cancellation)
    {
        var log = Path.Combine(folder, "log");
        var (noted, keys) = (OfNote(await File.ReadAllBytesAsync(Path.Combine(log, "checkpoint"), cancellation), trust, out _), KeysOf(trust, out _)!);
        if (noted.Code is not null)
        {
            return noted;
        }

        var state = Path.GetTempFileName();
        try
        {
            File.Delete(state);
            if (trust.TryGetProperty("pin", out var pin))
            {
                Remember(state, pin, keys[0]);
            }

            var report = await new Auditor(LogFiles.In(log))
            {
                Keys = keys,
                Predecessors = [.. Predecessors(folder).Select(before => new EndedLog(LogFiles.In(before)) { Keys = keys })],
                StateFile = File.Exists(state) ? state : null,
            }.AuditAsync(cancellation);
            return report.Rejection is null ? await OfKeptAsync(folder, log, report, trust, cancellation) : Of(report.Rejection);
        }
        finally
        {
            File.Delete(state);
        }
    }

    // An auditor's memory is a checkpoint that the log signed; the log's key is an example key, so the one seen before is signed here.
    private static void Remember(string file, JsonElement pin, NoteVerifier key)
    {
        var note = new Checkpoint(ForgedLog.Origin, pin.GetProperty("size").GetUInt64(), Digest.Parse(pin.GetProperty("root").GetString()!)).Sign(Lifecycle.EvidenceWorld.Key("log"));
        new AuditMemory([key], note, Checkpoint.Parse(note.Text, out _)!).Write(file);
    }

    private static IEnumerable<string> Predecessors(string folder) =>
        Path.Combine(folder, "predecessors") is var all && Directory.Exists(all) ? Directory.GetDirectories(all).Order(StringComparer.Ordinal) : [];

    private static async Task<List<ReadOnlyMemory<byte>>> LeavesAsync(string log, ulong size, CancellationToken cancellation)
    {
        var leaves = new List<ReadOnlyMemory<byte>>();
        foreach (var tile in Tile.AllOf(size).Where(tile => tile.Level == 0))
        {
            leaves.AddRange(EntryBundle.Decode(await File.ReadAllBytesAsync(Path.Combine(log, tile.EntriesPath), cancellation), tile.Width, out _)!);
        }

        return leaves;
    }

    // What somebody was given by the log earlier, against the log as it is now.
    private static async Task<OurVerdict> OfKeptAsync(string folder, string log, AuditReport report, JsonElement trust, CancellationToken cancellation)
    {
        LedgerReplay? replay = null;
        foreach (var (before, ended) in Predecessors(folder).Zip(report.Predecessors))
        {
            replay = replay?.Succeed(ended.Origin) ?? new LedgerReplay(ended.Origin);
            (await LeavesAsync(before, ended.Size, cancellation)).ForEach(leaf => Assert.Null(replay.Add(leaf)));
        }

        replay = replay?.Succeed(report.Origin) ?? new LedgerReplay(report.Origin);
        var leaves = await LeavesAsync(log, report.Size, cancellation);
        leaves.ForEach(leaf => Assert.Null(replay.Add(leaf)));
        var hashes = leaves.Select(leaf => Digest.OfLeaf(leaf.Span)).ToArray();
        if (File.Exists(Path.Combine(folder, "receipt.txt")))
        {
            var receipt = await File.ReadAllTextAsync(Path.Combine(folder, "receipt.txt"), cancellation);
            if (OfReceipt(receipt, await File.ReadAllBytesAsync(Path.Combine(folder, "entry.txt"), cancellation), trust, out var then) is { Code: not null } bad)
            {
                return bad;
            }

            if (then!.Size > report.Size)
            {
                return new OurVerdict(Failure.ConsistencyUnproven.ToCode(), null);
            }

            if (MerkleTree.Root(hashes.AsSpan(0, (int)then.Size)) != then.Root)
            {
                return new OurVerdict(Failure.ConsistencyUnproven.ToCode(), (long)Receipt.Parse(receipt, out _)!.Index);
            }
        }

        return File.Exists(Path.Combine(folder, "head.txt"))
            ? OfKept(HeadStatement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "head.txt"), cancellation), out _)!, leaves, replay)
            : Sound with { Disputed = [.. replay.Disputed] };
    }

    private static OurVerdict OfKept(HeadStatement head, List<ReadOnlyMemory<byte>> leaves, LedgerReplay replay)
    {
        var key = ((LogState)replay.State.Chain(Names.LogChain(replay.State.Origin))!).Keys.Find(head.KeyId);
        if (key is not { Use: KeyUse.Head } || !key.IsValidAt(head.Size))
        {
            return new OurVerdict((key is null ? Failure.KeyUnknown : Failure.KeyRevoked).ToCode(), null);
        }

        Assert.True(head.IsSignedBy(VerifyingKey.FromX(key.X, out _)!));
        var entries = leaves.Take((int)head.Size).Select((leaf, index) => (Entry: Entry.Parse(leaf, out _)!, index)).ToList();
        var (newest, at) = entries.Last(e => e.Entry.Subject == head.Subject);
        return newest.LeafHash == head.Head && newest.Sequence == head.Sequence ? Sound with { Disputed = [.. replay.Disputed] } : new OurVerdict(Failure.HeadMismatch.ToCode(), at);
    }
}

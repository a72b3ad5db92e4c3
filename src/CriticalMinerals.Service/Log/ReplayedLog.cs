using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Service.Attachments;
using Npgsql;

namespace CriticalMinerals.Service.Log;

/// <summary>
/// What a log's leaf bytes give, replayed, and the rows of every table beside them held against it. Where the log goes on from others, their entries come first,
/// below index 0.
/// </summary>
public sealed class ReplayedLog
{
    private const string Advice =
        "\nThe service decides by what is stored there. Stop it, find out who wrote, and bring back a copy of the database that this command accepts; the pin says how far it must reach.";
    private const string Sound = "a checkpoint of the stored entries, signed by the log";

    private readonly NpgsqlConnection _connection;
    private readonly CancellationToken _cancel;
    private readonly Dictionary<string, long> _opened = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _undone = new(StringComparer.Ordinal);
    private readonly HashSet<string> _claims = new(StringComparer.Ordinal);
    private readonly List<(Digest Entry, int Count)> _giving = [];
    private readonly Dictionary<string, string> _redemptions = [];
    private readonly Dictionary<string, string> _erasures = [];
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _neverBrought = new(StringComparer.Ordinal);
    private readonly Withheld? _withheld;
    private readonly Dictionary<string, string> _documents = [];
    private readonly HashSet<(string Chain, string Operator)> _signers = [];
    private readonly List<(int Log, Tile Tile, string Hashes)> _tiles = [];
    private readonly List<(EndedTree Log, Digest Root)> _ended = [];
    private readonly Dictionary<long, Digest> _roots = [];
    private LedgerState _state = null!;
    private long _start;
    private long _disclosures;
    private OpenTiles _open = OpenTiles.Empty;

    private ReplayedLog(NpgsqlConnection connection, Withheld? withheld, CancellationToken cancel) => (_connection, _withheld, _cancel) = (connection, withheld, cancel);

    /// <summary>Verifies everything as the connection's transaction sees it and returns a sentence that says what.</summary>
    /// <param name="connection">In a transaction that sees one snapshot.</param>
    /// <param name="pinned">What was pinned before that; null without a pin.</param>
    /// <param name="withheld">Which disclosures restores were not brought: that they are missing is said and is no fault; null where none is excused.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="StartupException">A row is not what the entries give; the message names the first, what was expected and found.</exception>
    public static Task<string> VerifyAsync(NpgsqlConnection connection, PinnedTree? pinned, Withheld? withheld, CancellationToken cancel) =>
        new ReplayedLog(connection, withheld, cancel).VerifyAsync(pinned);

    private async Task<string> VerifyAsync(PinnedTree? pinned)
    {
        var committed = await ReadAsync("select origin, pin_id, size, root, edge, committed_at from ledger.state", row =>
            (Origin: row.GetString(0), PinId: row.GetGuid(1), Size: row.GetInt64(2), Root: Hex(row, 3), Edge: Hex(row, 4), At: row.GetFieldValue<DateTimeOffset>(5))) is [var one]
            ? one : throw new StartupException("The database holds no ledger.");
        var checkpoints = await ReadAsync("select size, note from ledger.checkpoint order by size", row => (Size: row.GetInt64(0), Note: row.GetString(1)));
        await ReplayAsync(committed.Origin, [.. checkpoints.Select(c => c.Size), pinned?.Size ?? 0], committed.At);

        var edge = _open.Edge();
        Require("state", "size", $"{_state.Size}", $"{committed.Size}");
        Require("state", "root", Hex(edge.Root()), committed.Root);
        Require("state", "edge", Hex(edge.ToArray()), committed.Edge);
        await CompareAsync("mt_events", "select 'entries', count(*)::text from ledger.mt_events where stream_id <> 'mt_tombstone'", ["entries"], _ => $"{_state.Size - _state.First}");
        await CompareAsync("disclosure", "select 'rows', count(*)::text from ledger.disclosure", ["rows"], _ => $"{_disclosures}");
        if (_missing.Except(_erasures.Keys).FirstOrDefault() is { } lost)
        {
            throw Wrong("disclosure", lost, "a disclosure of that digest, which was not erased and which no restore lacked", "no such row");
        }

        if (_erasures.Keys.Except(_missing).Except(_neverBrought).FirstOrDefault() is { } back)
        {
            throw Wrong("disclosure", back, "no such row: it was erased", "the disclosure of that digest");
        }

        await CompareAsync("tile", "select level || '/' || n, encode(hashes, 'hex') from ledger.tile order by level, n", _tiles.ToDictionary(
            t => t.Log < _ended.Count ? $"{_ended[t.Log].Log.LevelOf(t.Tile.Level)}/{t.Tile.Index}" : $"{t.Tile.Level}/{t.Tile.Index}", t => t.Hashes, StringComparer.Ordinal));
        foreach (var (size, note) in checkpoints)
        {
            Require("checkpoint", $"{size}", Sound, Describe(size, note));
        }

        if (_ended.FirstOrDefault(e => !checkpoints.Exists(c => c.Size == e.Log.Last)).Log is { } unsigned)
        {
            throw Wrong("checkpoint", $"{unsigned.Last}", $"the last checkpoint of {unsigned.Origin}", "no such row");
        }

        await CompareAsync(
            "chain",
            "select sub, concat_ws(' ', kind, open, opened, seq, encode(head, 'hex'), coalesce(undone_at::text, '-'), encode(state, 'escape')) from ledger.chain order by opened",
            _opened.Keys,
            Chain);
        await CompareAsync("signer", "select chain || ' ' || operator, '' from ledger.signer order by chain, operator", _signers.Where(s => !_state.Chain(s.Chain)!.IsOpen).ToDictionary(s => $"{s.Chain} {s.Operator}", _ => "", StringComparer.Ordinal));
        await CompareAsync(
            "line",
            """
            select encode(entry, 'hex') || '/' || line, concat_ws(' ', encode(commitment, 'hex'), unit, coalesce(quantity::text, '-'), purpose, withdrawn, coalesce(encode(taken_by, 'hex'), '-'), giver, coalesce(content, '-'))
            from ledger.line order by entry, line
            """,
            [.. _giving.SelectMany(g => Enumerable.Range(0, g.Count).Select(i => LineName(g.Entry, i)))],
            Line);
        await CompareAsync("claim", "select name, owner from ledger.claim order by name", [.. _claims.Where(c => _state.OwnerOf(c) is not null)], _state.OwnerOf);
        await CompareAsync("redemption", "select taking || '/' || giving || '/' || line, taker || ' ' || giver from ledger.redemption order by taking, giving, line", _redemptions);
        await CompareAsync("erasure", "select leaf_index || '/' || encode(digest, 'hex'), erased_by::text from ledger.erasure order by leaf_index, digest", _erasures);
        await CompareAsync("document", "select leaf_index || '/' || encode(sha256, 'hex'), access || ' ' || signer from ledger.document order by leaf_index, sha256", _documents);
        if (pinned is not null)
        {
            Require("state", "pin_id", $"{pinned.Id}", $"{committed.PinId}");
            Require("leaf", $"0 to {pinned.Size}", $"the root that was signed, {pinned.Root}", _roots.TryGetValue(pinned.Size, out var root) ? $"the root that was signed, {root}" : Counted.Entries(_state.Size));
        }

        if (_withheld?.Ledger is { } ledger && ledger != committed.PinId)
        {
            throw new StartupException($"{_withheld.Path} is of another ledger than the database: what it says was not brought here may have been taken away. Bring the right file back from the backup of the data folder, or remove it.");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{committed.Origin}: {Counted.Of(_state.Size, "entry was replayed", "entries were replayed")}, root {edge.Root()}.{string.Concat(_ended.Select(e => $" Before them, {e.Log.Size} of {e.Log.Origin}, root {e.Root}."))} All {_opened.Count} chains, {_giving.Sum(g => g.Count)} lines, {_redemptions.Count} redemptions, names, tiles and {checkpoints.Count} checkpoints are what the entries give{(pinned is null ? "; there is no pin" : ", and so is the pin")}.{NeverBrought()}");
    }

    // Said in every verdict: whoever restores from less decides what is not there.
    private string NeverBrought()
    {
        var names = _neverBrought.Except(_erasures.Keys).ToArray();
        var entries = names.Select(name => name[..name.IndexOf('/', StringComparison.Ordinal)]).Distinct().ToArray();
        return names.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"\n{Counted.Of(names.Length, "disclosure was", "disclosures were")} not in the files that this ledger was restored from, of {(entries.Length == 1 ? "entry" : "entries")} {string.Join(", ", entries.Take(20))}{(entries.Length > 20 ? $" and {entries.Length - 20} more" : "")} ({_withheld!.Path}): what they say is not known here.");
    }

    private async Task ReplayAsync(string origin, HashSet<long> sizes, DateTimeOffset last)
    {
        _roots[0] = MerkleTree.EmptyRoot;
        await using var command = new NpgsqlCommand(
            """
            select l.index, l.hash, l.chain, l.seq, l.entry_key, l.committed_at, e.bdata, array(select d.text from ledger.disclosure d where d.leaf_index = l.index order by d.ordinal)
            from ledger.leaf l left join ledger.mt_events e on e.stream_id = l.chain and e.version - 1 = l.seq order by l.index
            """,
            _connection) { CommandTimeout = 0 };
        var before = DateTimeOffset.MinValue;
        var starts = new List<(string Origin, long Start, Digest Root)>();
        await using var row = await command.ExecuteReaderAsync(_cancel);
        while (await row.ReadAsync(_cancel))
        {
            if (_state is null)
            {
                _start = Math.Min(row.GetInt64(0), 0);
            }

            var (index, at) = (_start + (_state?.Size ?? 0), row.GetFieldValue<DateTimeOffset>(5));
            var name = index.ToString(CultureInfo.InvariantCulture);
            Require("leaf", name, name, row.GetInt64(0).ToString(CultureInfo.InvariantCulture));
            if (await row.IsDBNullAsync(6, _cancel) || Entry.Parse(row.GetFieldValue<byte[]>(6), out var fault) is not { } entry)
            {
                throw Wrong("leaf", name, $"an entry of chain {Plain(row.GetString(2))}, seq {row.GetInt64(3)}", "bytes that are none, or none at all");
            }

            Require("leaf", name, $"hash {Hex(entry.LeafHash)}, chain {entry.Subject}, seq {entry.Sequence}, id {Hex(LedgerState.EntryKey(entry))}", $"hash {Hex(row, 1)}, chain {row.GetString(2)}, seq {row.GetInt64(3)}, id {Hex(row, 4)}");
            if (index == 0)
            {
                Require("state", "origin", entry.Origin, origin);
            }

            if (_state is null)
            {
                _state = new LedgerState(entry.Origin);
            }
            else if (entry.Origin != _state.Origin && index <= 0)
            {
                // Here one log ends and the next begins, which its opening will have to say.
                starts.Add((_state.Origin, _start, _open.Edge().Root()));
                Succeed(entry.Origin, index);
            }

            if (at < before || at > last)
            {
                throw Wrong("leaf", name, $"a commit time from {before:O} to {last:O}", $"{at:O}");
            }

            before = at;
            var signed = SignedEntry.Join(entry, row.GetFieldValue<string[]>(7), complete: false, out fault) ?? throw Wrong("disclosure", name, "disclosures that the entry signs", $"{fault!.Detail}");
            _disclosures += signed.Disclosures.Count;
            var shown = signed.Disclosures.Select(d => d.Digest).ToHashSet();
            for (var place = 0; place < entry.Digests.Count; place++)
            {
                if (!shown.Contains(entry.Digests[place]))
                {
                    (_withheld?.Holds(index, place) is true ? _neverBrought : _missing).Add($"{index}/{Hex(entry.Digests[place])}");
                }
            }

            Replay(name, index, signed);
            _open = _open.Append([entry.LeafHash], out var full);
            foreach (var tile in full)
            {
                _tiles.Add((starts.Count, tile.Tile, Hex(tile.Bytes.Span)));
            }

            if (_start == 0 && sizes.Contains(_state.Size))
            {
                _roots[_state.Size] = _open.Edge().Root();
            }
        }

        // The log itself has no entry yet.
        if (_state is null)
        {
            _state = new LedgerState(origin);
        }
        else if (_start < 0)
        {
            Require("leaf", "0", "0", $"{_start + _state.Size}");
            starts.Add((_state.Origin, _start, _open.Edge().Root()));
            Succeed(origin, 0);
        }

        _ended.AddRange(starts.Select((log, i) =>
            (new EndedTree(log.Origin, log.Start, (i + 1 < starts.Count ? starts[i + 1].Start : 0) - log.Start, starts.Count - 1 - i), log.Root)));
    }

    private void Succeed(string origin, long index)
    {
        _state.TakeChanges();
        _state = _state.Succeed(origin, _open.Edge().Root());
        (_start, _open) = (index, OpenTiles.Empty);
    }

    private void Replay(string name, long index, SignedEntry signed)
    {
        var entry = signed.Entry;
        var refusal = Candidate.Read(signed, out var unreadable) is not { } candidate ? unreadable : Admission.Decide(_state, candidate) switch
        {
            Decision.Refused refused => refused.Refusal,
            Decision.Repeated => new Refusal(RefusalCode.IdReused, "It stands twice."),
            _ => null,
        };
        if (refusal is not null)
        {
            throw Wrong("leaf", name, "an entry that the rules admit there", $"{refusal.Code.ToCode()}: {refusal.Detail}");
        }

        _opened.TryAdd(entry.Subject, index);
        _claims.UnionWith(_state.TakeChanges().Claims.Keys);
        if (entry.Event == EventCatalog.Of<Voided>().Name)
        {
            _undone.TryAdd(entry.Subject, index);
        }

        _signers.UnionWith([(entry.Subject, entry.Issuer), (entry.Subject, entry.Actor)]);
        if (entry.Given.Count > 0)
        {
            _giving.Add((entry.LeafHash, entry.Given.Count));
        }

        foreach (var taken in entry.Taken)
        {
            var giving = _state.Entry(taken.Entry)!.Value;
            _redemptions[$"{index}/{_start + giving.Index}/{taken.Line}"] = $"{_opened[entry.Subject]} {_opened[giving.Subject]}";
        }

        if (entry.Event == EventCatalog.Of<Erased>().Name)
        {
            foreach (var digest in entry.Data.GetProperty("digests").EnumerateArray())
            {
                _erasures.TryAdd($"{_start + _state.Entry(entry.References[0].Entry)!.Value.Index}/{Hex(Digest.TryParse(digest.GetString(), out var erased) ? erased : default)}", name);
            }
        }

        foreach (var document in NamedDocument.Of(signed))
        {
            _documents[$"{index}/{Hex(document.Name)}"] = $"{(short)document.Access} {entry.Issuer}";
        }
    }

    private string? Chain(string subject) => _state.Chain(subject) is not { } chain ? null
        : $"{(short)chain.Kind} {(chain.IsOpen ? 't' : 'f')} {_opened[subject]} {chain.Sequence} {Hex(chain.Head)} {(_undone.TryGetValue(subject, out var by) ? by : "-")} {Escape(chain.ToBytes())}";

    private string? Line(string name)
    {
        var at = name.IndexOf('/', StringComparison.Ordinal);
        return at != 2 * Digest.Length || !int.TryParse(name.AsSpan(at + 1), CultureInfo.InvariantCulture, out var number) || _state.Line(new Digest(Convert.FromHexString(name[..at])), number) is not { } line ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Hex(line.Commitment)} {line.Unit} {line.Quantity?.ToString(CultureInfo.InvariantCulture) ?? "-"} {(short)line.Purpose!.Value} {(line.Withdrawn ? 't' : 'f')} {(line.TakenBy is { } taker ? Hex(taker) : "-")} {line.Giver} {(line.Content is { } content ? JsonSerializer.Serialize(content) : "-")}");
    }

    private static string LineName(Digest entry, int line) => string.Create(CultureInfo.InvariantCulture, $"{Hex(entry)}/{line}");

    private string Describe(long size, string note)
    {
        var (origin, until, expected) = (_state.Origin, size, _roots.TryGetValue(size, out var own) ? own : (Digest?)null);
        if (size < 0)
        {
            if (_ended.FirstOrDefault(e => e.Log.Last == size) is not { Log: { } log } ended)
            {
                return "a checkpoint of no log that stands here";
            }

            (origin, until, expected) = (log.Origin, log.Size, ended.Root);
        }

        if (origin == _state.Origin && _state.Size == 0)
        {
            return Sound; // Which keys sign, the first entry will say.
        }

        var keys = ((LogState?)_state.Chain(Names.LogChain(origin)))?.Keys.All.Where(k => k.Use == KeyUse.Log).Select(k => VerifyingKey.FromX(k.X, out _)!).Select(k => new NoteVerifier(origin, k)).ToArray() ?? [];
        return SignedNote.Parse(note, out var fault)?.Verify(keys, out fault) is { } verified && Checkpoint.From(verified, out fault) is { } checkpoint
            && (long)checkpoint.Size == until && checkpoint.Origin == origin && checkpoint.Root == expected
            ? Sound : fault?.Detail ?? "a checkpoint of another tree";
    }

    private Task CompareAsync(string table, string sql, Dictionary<string, string> expected) => CompareAsync(table, sql, expected.Keys, name => expected.GetValueOrDefault(name));

    /// <summary>Holds a table, read as name and content of each row, against what the entries give.</summary>
    private async Task CompareAsync(string table, string sql, IReadOnlyCollection<string> names, Func<string, string?> expected)
    {
#pragma warning disable CA2100 // The statements stand above.
        await using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        var rows = 0;
        var found = new HashSet<string>(StringComparer.Ordinal);
        await using (var row = await command.ExecuteReaderAsync(_cancel))
        {
            for (; await row.ReadAsync(_cancel); rows++)
            {
                var name = row.GetString(0);
                Require(table, name, expected(name) ?? "no such row", row.GetString(1));
                found.Add(name);
            }
        }

        if (rows < names.Count)
        {
            var name = names.First(n => !found.Contains(n));
            throw Wrong(table, name, expected(name)!, "no such row");
        }
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
#pragma warning disable CA2100 // The statements stand above.
        await using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        var found = new List<T>();
        await using var row = await command.ExecuteReaderAsync(_cancel);
        while (await row.ReadAsync(_cancel))
        {
            found.Add(read(row));
        }

        return found;
    }

    private static void Require(string table, string name, string expected, string found)
    {
        if (expected != found)
        {
            throw Wrong(table, name, expected, found);
        }
    }

    // From where the two part, so that the member that differs can be read.
    private static StartupException Wrong(string table, string name, string expected, string found)
    {
        var same = 0;
        while (same < expected.Length && same < found.Length && expected[same] == found[same])
        {
            same++;
        }

        var from = Math.Max(0, same - 60);
        string Part(string text) => (from > 0 ? "…" : "") + Plain(text.Length > from + 200 ? text[from..(from + 200)] + "…" : text[Math.Min(from, text.Length)..]);
        return new StartupException($"{Storage.Schema}.{table} {Plain(name)} is not what the entries give.\nexpected: {Part(expected)}\nfound: {Part(found)}{Advice}");
    }

    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private static string Hex(NpgsqlDataReader row, int column) => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(column));

    private static string Hex(Digest digest) => Convert.ToHexStringLower(digest.ToArray());

    /// <summary>PostgreSQL's escape format: text stays readable, and any bytes have one form.</summary>
    private static string Escape(byte[] bytes) => string.Concat(bytes.Select(b => b == '\\' ? "\\\\" : b is 0 or > 127 ? "\\" + Convert.ToString(b, 8).PadLeft(3, '0') : ((char)b).ToString()));

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Client;

/// <summary>The words of an audit's report: what this run checked, what it took over from an earlier one, what nobody checked.</summary>
internal static class AuditSummary
{
    /// <summary>The report of one run.</summary>
    /// <param name="now">Keys and checkpoint.</param>
    /// <param name="before">What was remembered; null for the first run.</param>
    /// <param name="replay">The replay at its end.</param>
    /// <param name="takenOver">Entries that it held at its beginning.</param>
    /// <param name="rejection">The first thing that is wrong.</param>
    /// <param name="isKeyFromLog">Whether nothing but the log says which key is its own.</param>
    /// <param name="witnessed">The checkpoint as the policy's witnesses cosigned it; null when none were asked for, or too few did.</param>
    internal static AuditReport Of(AuditMemory now, AuditMemory? before, LedgerReplay replay, ulong takenOver, Rejection? rejection, bool isKeyFromLog, TrustedCheckpoint? witnessed)
    {
        var checkpoint = now.Checkpoint;
        return new AuditReport
        {
            Origin = checkpoint.Origin,
            Size = checkpoint.Size,
            Root = checkpoint.Root,
            Checkpoint = now.Note.ToString(),
            Keys = now.Keys,
            Entries = replay.Size,
            EntriesTakenOver = takenOver,
            Chains = replay.Chains,
            Disputed = replay.Size == 0 ? 0 : replay.Disputed.Count,
            WithheldQuantities = replay.WithheldQuantities,
            Checked = rejection is null ? [.. Checked(checkpoint, before, replay, takenOver), .. Witnessed(witnessed)] : [],
            TakenOver = rejection is null && takenOver > 0 ? [TakenOver(takenOver), .. TakenOver(replay.State)] : [],
            NotChecked = [.. NotChecked(before, replay, isKeyFromLog, witnessed)],
            Rejection = rejection,
            Replay = rejection is null ? replay : null,
        };
    }

    private static IEnumerable<string> Checked(Checkpoint checkpoint, AuditMemory? before, LedgerReplay replay, ulong takenOver)
    {
        if (checkpoint.Size == 0)
        {
            yield return "the checkpoint's signature by the log key; the log has no entry yet";
            yield break;
        }

        yield return "the checkpoint's signature by the log key, and that the log's own chain names that key";
        var which = takenOver == 0 ? "every entry" : takenOver == checkpoint.Size ? null : Text($"every entry from {takenOver} on");
        if (which is not null)
        {
            yield return $"{which}: form, hash, signature, key valid at its index, chain order, rights, references, each line taken at most once";
        }

        yield return takenOver == 0 ? "every stored hash and the root, recomputed from the entries"
            : which is null ? "the root, which is that of the entries taken over: nothing is new since then"
            : Text($"every stored hash over them, and the root, recomputed from them and the tree over the first {takenOver}");
        if (before is not null)
        {
            yield return Text($"that the log still begins with the {Counted.Entries(before.Checkpoint.Size)} of the last audit");
        }

        if (replay.Lines > 0 && replay.WithheldQuantities == 0)
        {
            yield return Text($"quantities: all are shown ({Counted.Of(replay.Lines, "line")}), and no chain gives more than it holds");
        }
    }

    private static IEnumerable<string> Witnessed(TrustedCheckpoint? witnessed)
    {
        if (witnessed?.WitnessedAt is { } at)
        {
            yield return Text($"cosignatures of {Counted.Of(witnessed.Cosignatures.Count, "witness", "witnesses")} that the policy knows: until {DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(at, 253402300799)):u} they saw nothing newer and no other history");
        }
    }

    private static string TakenOver(ulong entries) => entries == 1
        ? "entry 0, replayed by an earlier run and not read again in this one; --full reads it again"
        : Text($"entries 0 to {entries - 1}, replayed by an earlier run and not read again in this one: their files may have been damaged since; --full reads them again");

    private static IEnumerable<string> TakenOver(LedgerState state)
    {
        if (state.First < 0)
        {
            yield return Text($"the {Counted.Entries(-state.First)} of the logs that this one goes on from, replayed by an earlier run: what was erased in them since then was not held against them; --full with --predecessor reads them again");
        }
    }

    private static IEnumerable<string> NotChecked(AuditMemory? before, LedgerReplay replay, bool isKeyFromLog, TrustedCheckpoint? witnessed)
    {
        if (before is null && witnessed?.WitnessedAt is null)
        {
            yield return "whether the log showed others another history: no earlier checkpoint to compare with, and witnesses are not asked";
        }
        else if (before is { Replay: null })
        {
            yield return "what the state file holds beside its checkpoint: another version of this program wrote it, so all entries were read again";
        }

        if (isKeyFromLog)
        {
            yield return "whether the log key is the right one: it was taken from the log itself; give it with the audit";
        }

        if (replay.WithheldQuantities > 0)
        {
            yield return Text($"quantities: withheld ({Counted.Of(replay.WithheldQuantities, "line")}); nothing is said of balance");
        }

        if (replay.WithheldDisclosures > 0)
        {
            yield return Text($"the content of {Counted.Of(replay.WithheldDisclosures, "withheld disclosure; its digest is signed", "withheld disclosures; their digests are signed")}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

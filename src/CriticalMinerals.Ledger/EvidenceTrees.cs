using System.Text.Json;

namespace CriticalMinerals.Ledger;

// Where a log goes on from another, a chain's older entries stand in the tree of that one. Which trees these are, the openings say, and the entry says by its
// aud in which it stands.
public sealed partial record EvidenceBundle
{
    /// <summary>Most logs before the bundle's own.</summary>
    public const int MaximumPredecessors = 64;

    private const string Opening = "log-opened.v1";

    /// <summary>
    /// The logs that the bundle's own goes on from, the oldest first, as the first entries of the log chains here name them one after the other; empty for a
    /// log that began by itself. True when these entries are: each stands in the tree that the next one names, the newest under the checkpoint.
    /// </summary>
    public IReadOnlyList<EvidenceTree> Predecessors()
    {
        var ended = new List<EvidenceTree>();
        var origin = Origin;
        var first = 0L;
        while (ended.Count < MaximumPredecessors && AfterOf(origin) is { } after && after.Origin != Origin && !ended.Exists(e => e.Origin == after.Origin))
        {
            first -= (long)after.Size;
            ended.Insert(0, after with { First = first });
            origin = after.Origin;
        }

        return ended;
    }

    /// <summary>Where an entry stands counted from the opening of the bundle's own log: below 0 in the logs before it.</summary>
    public static long PositionOf(PlacedEntry placed, IReadOnlyList<EvidenceTree> ended)
    {
        for (var i = 0; i < ended.Count; i++)
        {
            if (ended[i].Origin == placed.Entry.Origin)
            {
                // Nothing reaches from one log into the next, whatever an index claims; that it lies in its tree, its proof shows.
                return ended[i].First + (long)Math.Min(placed.Index, ended[i].Size - 1);
            }
        }

        return (long)placed.Index;
    }

    private EvidenceTree? AfterOf(string origin)
    {
        var name = Names.LogChain(origin);
        return Chains.FirstOrDefault(chain => chain.Subject == name)?.Entries[0].Entry is { Event: Opening } opening && opening.Origin == origin &&
            opening.Data.TryGetProperty("after", out var after) && after.ValueKind == JsonValueKind.Object &&
            Text(after, "origin") is { } ended && Names.IsOrigin(ended) && Digest.TryParse(Text(after, "root"), out var root) &&
            after.TryGetProperty("size", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var size) && size > 0
            ? new EvidenceTree(ended, (ulong)size, root, 0)
            : null;
    }
}

/// <summary>The tree of a log as it stood when another went on from it.</summary>
/// <param name="Origin">The log.</param>
/// <param name="Size">Entries that went on.</param>
/// <param name="Root">Root over them.</param>
/// <param name="First">Where its first entry stands, counted from the opening of the bundle's own log: below 0.</param>
public sealed record EvidenceTree(string Origin, ulong Size, Digest Root, long First);

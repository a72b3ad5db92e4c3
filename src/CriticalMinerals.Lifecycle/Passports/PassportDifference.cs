using System.ComponentModel;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>What happened between two versions of a battery's passport for one audience. It follows from the two documents alone.</summary>
public sealed record PassportDifference
{
    /// <summary>Name of the document's schema.</summary>
    public const string SchemaName = "passport-difference.v1";

    [Description("Name of this schema.")]
    public string Schema { get; } = SchemaName;

    [Description("Name of the battery's chain.")]
    public required string Battery { get; init; }

    [Description("For whom both documents are made.")]
    public required Audience Audience { get; init; }

    [Description("SHA-256 of the earlier document; absent when there was no passport yet.")]
    public Digest? FromVersion { get; init; }

    [Description("SHA-256 of the later document.")]
    public required Digest ToVersion { get; init; }

    [Description("Head of the chain in the earlier document.")]
    public Digest? FromHead { get; init; }

    [Description("Head of the chain in the later document.")]
    public required Digest ToHead { get; init; }

    [Description("Battery status, when it changed.")]
    public StatusChange? Status { get; init; }

    [Description("Status of the record, when it changed.")]
    public RecordStatusChange? RecordStatus { get; init; }

    [Description("Responsible operator, when it changed.")]
    public ResponsibleChange? Responsible { get; init; }

    [Description("Present when the battery went missing, or was found: whether it is missing now.")]
    public bool? Missing { get; init; }

    [Description("Recalls that came into force: leaf hashes.")]
    public required IReadOnlyList<Digest> RecallsBegun { get; init; }

    [Description("Recalls that are no longer in force: leaf hashes.")]
    public required IReadOnlyList<Digest> RecallsEnded { get; init; }

    [Description("Attributes of DIN DKE SPEC 99100 of which something else holds.")]
    public required IReadOnlyList<AttributeDifference> Attributes { get; init; }

    [Description("Entries of the battery's chain that came.")]
    public required IReadOnlyList<PassportStep> Events { get; init; }

    /// <summary>What happened from one to the other.</summary>
    /// <param name="before">The earlier document; null when there was none.</param>
    /// <param name="after">The later one.</param>
    /// <exception cref="ArgumentException">They are of two batteries or audiences, or the first is the later one.</exception>
    public static PassportDifference Between(BatteryPassport? before, BatteryPassport after)
    {
        if (before is not null && (before.Battery != after.Battery || before.Audience != after.Audience || !after.Timeline.Any(s => s.Entry == before.Head)))
        {
            throw new ArgumentException("Two versions of one battery's passport for one audience are compared, the earlier one first.", nameof(before));
        }

        var recallsBefore = before?.Recalls.Select(r => r.Provenance.Entry).ToList() ?? [];
        var recallsAfter = after.Recalls.Select(r => r.Provenance.Entry).ToList();
        return new PassportDifference
        {
            Battery = after.Battery,
            Audience = after.Audience,
            FromVersion = before is null ? null : PassportJson.Version(before),
            ToVersion = PassportJson.Version(after),
            FromHead = before?.Head,
            ToHead = after.Head,
            Status = before?.Status == after.Status ? null : new StatusChange { Before = before?.Status, After = after.Status },
            RecordStatus = before?.RecordStatus == after.RecordStatus ? null : new RecordStatusChange { Before = before?.RecordStatus, After = after.RecordStatus },
            Responsible = before?.Responsible.Id == after.Responsible.Id ? null : new ResponsibleChange { Before = before?.Responsible, After = after.Responsible },
            Missing = (before?.Missing is null) == (after.Missing is null) ? null : after.Missing is not null,
            RecallsBegun = [.. recallsAfter.Except(recallsBefore)],
            RecallsEnded = [.. recallsBefore.Except(recallsAfter)],
            Attributes = [.. after.Data.SelectMany(datum => Changed(before?.Data[datum.Number - 1], datum))],
            Events = [.. after.Timeline.Skip(before?.Timeline.Count ?? 0)],
        };
    }

    // Part by part; of a history what came.
    private static IEnumerable<AttributeDifference> Changed(PassportDatum? before, PassportDatum after)
    {
        var unmatched = before?.Values.ToList() ?? [];
        foreach (var value in after.Values)
        {
            var earlier = unmatched.Find(v => v.Part == value.Part && Signed(v) == Signed(value)) ??
                (StandardAttributes.Of(after.Number).IsHistory ? null : unmatched.Find(v => v.Part == value.Part));
            if (earlier is not null)
            {
                unmatched.Remove(earlier);
            }

            if (earlier is null || !Same(earlier.Value, value.Value) || Signed(earlier) != Signed(value))
            {
                yield return Difference(after, value.Part, earlier, value);
            }
        }

        foreach (var gone in unmatched)
        {
            yield return Difference(after, gone.Part, gone, null);
        }
    }

    private static AttributeDifference Difference(PassportDatum datum, string? part, PassportDatumValue? before, PassportDatumValue? after) => new()
    {
        Number = datum.Number,
        Title = datum.Title,
        Part = part,
        Before = before?.Value,
        After = after?.Value,
        Withheld = (after ?? before)!.Withheld,
        Provenance = after?.Provenance,
    };

    // The signer's name beside it may have been corrected; that is no change of the value.
    private static (Digest?, string?) Signed(PassportDatumValue value) => (value.Provenance?.Entry, value.Provenance?.Pointer);

    private static bool Same(JsonElement? left, JsonElement? right) => left is { } l && right is { } r ? JsonElement.DeepEquals(l, r) : left is null && right is null;
}

/// <summary>One attribute of which something else holds.</summary>
public sealed record AttributeDifference
{
    [Description("Number of the attribute, 1 to 93.")]
    public required int Number { get; init; }

    [Description("What it is, for people.")]
    public required string Title { get; init; }

    [Description("Which part of it, where it has several.")]
    public string? Part { get; init; }

    [Description("What held before; absent when nothing did, or it is withheld.")]
    public JsonElement? Before { get; init; }

    [Description("What holds now; absent when nothing does, or it is withheld.")]
    public JsonElement? After { get; init; }

    [Description("The value is not for this audience: an entry came that may say it.")]
    public bool? Withheld { get; init; }

    [Description("Where what holds now is signed; absent when it is computed or nothing holds.")]
    public Provenance? Provenance { get; init; }
}

/// <summary>Battery status before and after.</summary>
public sealed record StatusChange
{
    [Description("Before; absent when there was no passport.")]
    public BatteryStatus? Before { get; init; }

    [Description("After.")]
    public required BatteryStatus After { get; init; }
}

/// <summary>Status of the record before and after.</summary>
public sealed record RecordStatusChange
{
    [Description("Before; absent when there was no passport.")]
    public RecordStatus? Before { get; init; }

    [Description("After.")]
    public required RecordStatus After { get; init; }
}

/// <summary>Responsible operator before and after.</summary>
public sealed record ResponsibleChange
{
    [Description("Before; absent when there was no passport.")]
    public PassportOperator? Before { get; init; }

    [Description("After.")]
    public required PassportOperator After { get; init; }
}

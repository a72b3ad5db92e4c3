using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Sourcing;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Makes a <see cref="BatteryPassport"/> from entries. No rule is decided here: what is folded was admitted, or is being audited elsewhere.</summary>
public static class PassportFold
{
    /// <summary>
    /// The passport as it stood when the log had <paramref name="size"/> entries: only entries with a lower index count. Null when the battery's chain had
    /// none by then, or does not begin as a battery's.
    /// </summary>
    public static BatteryPassport? Of(PassportSource source, Audience audience, long size = long.MaxValue) => Of(source, new Viewer(audience), size);

    /// <inheritdoc cref="Of(PassportSource, Audience, long)"/>
    public static BatteryPassport? Of(PassportSource source, Viewer viewer, long size = long.MaxValue)
    {
        source = Before(source, size);
        if (PassportStanding.Of(source.Battery, source.Model is [var sheet, ..] ? sheet.Signed.Entry.Subject : null) is not { State: var state } standing)
        {
            return null;
        }

        var signers = new PassportSigners(source.Operators, viewer);
        var attributes = new PassportAttributes(viewer, signers);
        var inputs = new PassportInputs(source, attributes, signers);
        IReadOnlyList<PassportAttribute> ofModel = attributes.Of(source.Model);
        IReadOnlyList<PassportAttribute> ofBattery = attributes.Of(source.Battery);
        var data = new PassportSheet(source, attributes, standing, ofModel, ofBattery).Data();
        var successors = PassportLineage.Successors(source, signers).ToList();
        var closed = Closing(source, standing, successors, attributes);
        var updated = source.Battery.Concat(source.Model).Concat(source.Takers).Max(r => r.RecordedAt).ToUniversalTime();
        var (findings, unjudged, origins) = PassportFindings.Of(source, attributes, viewer, updated);
        return new BatteryPassport
        {
            Battery = state.Subject,
            Log = source.Log ?? source.Battery[0].Signed.Entry.Origin,
            Head = state.Head,
            Audience = viewer.Audience,
            Status = state.Status,
            RecordStatus = closed is null ? RecordStatus.Active : RecordStatus.Closed,
            Closed = closed,
            Released = closed is null && state.Release is { } release && source.Battery.First(r => r.Signed.Entry.LeafHash == release.Entry) is var given
                ? new PassportRelease { Operation = release.Operation, OccurredAt = Happened(given), Provenance = attributes.Provenance(given, "/d/operation") }
                : null,
            Missing = standing.Loss is { } loss
                ? new PassportLoss { Kind = Said(ofBattery, loss, "kind") ?? "", OccurredAt = Happened(loss), Provenance = attributes.Provenance(loss, "/d/kind") }
                : null,
            Exported = state.Exported && standing.Export is { } export
                ? new PassportExport
                {
                    Country = Said(ofBattery, export, "country") ?? "",
                    AsWaste = export.Signed.Entry.Data.GetProperty("asWaste").GetBoolean(),
                    OccurredAt = Happened(export),
                    Provenance = attributes.Provenance(export, "/d/country"),
                }
                : null,
            Recalls =
            [
                .. PassportStanding.RecallsInForce(source.Battery).Select(r => Recall(r, ofBattery, attributes)),
                .. PassportStanding.RecallsInForce(source.Model).Select(r => Recall(r, ofModel, attributes)),
                .. inputs.Givers.SelectMany(g => PassportStanding.RecallsInForce(source.Givers[g.Chain]).Select(r => Recall(r, g.Attributes, attributes))),
            ],
            LastUpdated = updated,
            Responsible = signers.Of(state.Responsible),
            OfferedTo = state.Offer is { } offer ? signers.Of(offer.To) : null,
            Model = state.Model,
            Aliases = [.. standing.Aliases.Select(a => new PassportAlias { Scheme = a.Alias.Scheme, Value = a.Alias.Value, Basis = a.Alias.Basis, Provenance = attributes.Provenance(a.Entry, a.Pointer) })],
            FormerAliases = standing.FormerAliases,
            Predecessors = [.. PassportLineage.Predecessors(source)],
            Successors = successors,
            Data = data,
            Coverage = CoverageCount.Of(data, Category(ofModel)),
            Attributes = [.. ofModel, .. ofBattery],
            Inputs = inputs.Direct,
            InputsNotTraced = inputs.NotTraced,
            Givers = inputs.Givers,
            Materials = PassportMaterials.Of(origins, source, updated),
            Findings = findings,
            Unjudged = unjudged,
            Timeline = [.. source.Battery.Select(r => Step(r, source.Battery, attributes, signers))],
        };
    }

    private static PassportSource Before(PassportSource source, long size)
    {
        IReadOnlyList<RecordedEntry> Cut(IReadOnlyList<RecordedEntry> chain) => [.. chain.TakeWhile(r => r.Index < size)];
        Dictionary<string, IReadOnlyList<RecordedEntry>> CutAll(IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains) =>
            chains.Select(c => (c.Key, Value: Cut(c.Value))).Where(c => c.Value.Count > 0).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal);

        return new PassportSource
        {
            Log = source.Log,
            Battery = Cut(source.Battery),
            Model = Cut(source.Model),
            Operators = CutAll(source.Operators),
            Givers = CutAll(source.Givers),
            Takers = [.. source.Takers.Where(r => r.Index < size)],
        };
    }

    // Recycled, disposed of or undone by its own entries; or its release was redeemed by the battery that was made of it.
    private static PassportClosing? Closing(PassportSource source, PassportStanding standing, List<PassportSuccessor> successors, PassportAttributes attributes)
    {
        PassportClosing By(ClosingReason reason, RecordedEntry entry, string? successor) =>
            new() { Reason = reason, Successor = successor, OccurredAt = Happened(entry), Provenance = attributes.Provenance(entry, successor is null ? "/evt" : "/d/in") };

        if (standing.EndedBy is { } ended)
        {
            var record = EventCatalog.Find(ended.Signed.Entry.Event)?.Record;
            return By(record == typeof(Recycled) ? ClosingReason.Recycled : record == typeof(Voided) ? ClosingReason.Voided : ClosingReason.Disposed, ended, null);
        }

        return standing.State.Release is { } release && successors.Find(s => s.GivenBy == release.Entry) is { } heir
            ? By(ClosingReason.Succeeded, source.Takers.First(r => r.Signed.Entry.LeafHash == heir.TakenBy), heir.Chain)
            : null;
    }

    private static PassportRecall Recall(RecordedEntry recorded, IReadOnlyList<PassportAttribute> stated, PassportAttributes attributes) => new()
    {
        Chain = recorded.Signed.Entry.Subject,
        Reason = Said(stated, recorded, "reason") ?? "",
        Action = Said(stated, recorded, "action") ?? "",
        Risk = Said(stated, recorded, "risk") ?? "",
        Number = Said(stated, recorded, "number"),
        OccurredAt = Happened(recorded),
        Provenance = attributes.Provenance(recorded, "/d"),
    };

    // A text of an entry, as corrected.
    private static string? Said(IReadOnlyList<PassportAttribute> stated, RecordedEntry recorded, string claim)
    {
        var hash = recorded.Signed.Entry.LeafHash;
        return stated.FirstOrDefault(a => a.Event == recorded.Signed.Entry.Event && a.Name == claim)?.Statements
            .FirstOrDefault(s => s.CorrectedBy is null && (s.Provenance.Entry == hash || s.Corrects == hash))?.Value?.GetString();
    }

    private static BatteryCategory? Category(IReadOnlyList<PassportAttribute> ofModel) =>
        ofModel.FirstOrDefault(a => a.Event == EventCatalog.Of<ModelDeclared>().Name && a.Name == "category")?.Current?.Value is { } value ? value.Deserialize<BatteryCategory>(EventJson.Options) : null;

    private static DateTimeOffset Happened(RecordedEntry recorded) => DateTimeOffset.FromUnixTimeSeconds(recorded.Signed.Entry.OccurredAt);

    private static PassportStep Step(RecordedEntry recorded, IReadOnlyList<RecordedEntry> chain, PassportAttributes attributes, PassportSigners signers)
    {
        var entry = recorded.Signed.Entry;
        var withheld = entry.Digests.Count - attributes.Visible(recorded.Signed).Count();
        IReadOnlyList<Digest> corrections = [.. chain.Select(r => r.Signed.Entry).Where(e => PassportAttributes.Corrects(e) == entry.LeafHash).Select(e => e.LeafHash)];
        return new PassportStep
        {
            Entry = entry.LeafHash,
            Index = recorded.Index,
            Sequence = entry.Sequence,
            Event = entry.Event,
            Signer = signers.Of(entry.Issuer),
            Principal = entry.Principal is { } principal ? signers.Of(principal) : null,
            OccurredAt = DateTimeOffset.FromUnixTimeSeconds(entry.OccurredAt),
            RecordedAt = recorded.RecordedAt.ToUniversalTime(),
            Summary = Summary(entry),
            Withheld = withheld > 0 ? withheld : null,
            Corrects = PassportAttributes.Corrects(entry),
            CorrectedBy = corrections.Count > 0 ? corrections : null,
            Disputed = signers.IsDisputed(recorded) ? true : null,
        };
    }

    /// <summary>The plain texts and numbers in clear, in the order of the event's own properties.</summary>
    private static string? Summary(Entry entry)
    {
        var texts = (EventCatalog.Find(entry.Event)?.Claims ?? [])
            .Where(c => c.Claim.Kind == ClaimKind.Informative && entry.Data.TryGetProperty(c.Name, out _))
            .Select(c => (Claim: c, Value: entry.Data.GetProperty(c.Name)))
            .Where(c => c.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .Select(c => $"{Words(c.Claim.Name)}: {c.Value}{(c.Claim.Claim.Unit is { } unit ? " " + unit : "")}");
        return string.Join("; ", texts) is { Length: > 0 } summary ? summary : null;
    }

    private static string Words(string name)
    {
        var words = KebabCase.Of(name).Replace('-', ' ');
        return char.ToUpperInvariant(words[0]) + words[1..];
    }
}

using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>Makes a <see cref="BatteryPassport"/> from entries. No rule is decided here: what is folded was admitted, or is being audited elsewhere.</summary>
public static class PassportFold
{
    /// <summary>
    /// The passport as it stood when the log had <paramref name="size"/> entries: only entries with a lower index count. Null when the battery's chain had
    /// none by then, or does not begin as a battery's.
    /// </summary>
    public static BatteryPassport? Of(PassportSource source, Audience audience, long size = long.MaxValue)
    {
        source = Before(source, size);
        if (source.Battery is not [var first, ..] || Candidate.Read(first.Signed, out _) is not { Event: BatteryManufactured made })
        {
            return null;
        }

        var signers = new PassportSigners(source.Operators);
        var attributes = new PassportAttributes(audience, signers);
        var inputs = new PassportInputs(source, attributes, signers);
        var newest = source.Battery[^1];
        return new BatteryPassport
        {
            Battery = first.Signed.Entry.Subject,
            Log = first.Signed.Entry.Origin,
            Head = newest.Signed.Entry.LeafHash,
            Audience = audience,
            // No event of this version changes either: a battery that only these events speak of is an original one in use.
            Status = BatteryStatus.Original,
            RecordStatus = RecordStatus.Active,
            LastUpdated = source.Battery.Concat(source.Model).Max(r => r.RecordedAt).ToUniversalTime(),
            Responsible = signers.Of(first.Signed.Entry.Actor),
            Model = source.Model is [var sheet, ..] ? sheet.Signed.Entry.Subject : first.Signed.Entry.References[0].Subject,
            Aliases = [.. (made.Aliases ?? []).Select(a => Alias(a, attributes.Provenance(first, "/d/aliases")))],
            Attributes = [.. attributes.Of(source.Model), .. attributes.Of(source.Battery)],
            Inputs = inputs.Direct,
            InputsNotTraced = inputs.NotTraced,
            Givers = inputs.Givers,
            Timeline = [.. source.Battery.Select(r => Step(r, source.Battery, attributes, signers))],
        };
    }

    private static PassportSource Before(PassportSource source, long size)
    {
        IReadOnlyList<RecordedEntry> Cut(IReadOnlyList<RecordedEntry> chain) => [.. chain.TakeWhile(r => r.Index < size)];
        Dictionary<string, IReadOnlyList<RecordedEntry>> CutAll(IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains) =>
            chains.Select(c => (c.Key, Value: Cut(c.Value))).Where(c => c.Value.Count > 0).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal);

        return new PassportSource { Battery = Cut(source.Battery), Model = Cut(source.Model), Operators = CutAll(source.Operators), Givers = CutAll(source.Givers) };
    }

    private static PassportAlias Alias(Alias alias, Provenance provenance) =>
        new() { Scheme = alias.Scheme, Value = alias.Value, Basis = alias.Basis, Provenance = provenance };

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

using System.Globalization;
using System.Text.Json;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Passports;

/// <summary>
/// The attributes that a chain states. Which there are, their units, classes and legal bases come from the events themselves. The result for an audience
/// depends on nothing that the audience may not see: where an entry holds digests that are withheld, every attribute they could hold is said to be withheld.
/// </summary>
internal sealed class PassportAttributes(Viewer viewer, PassportSigners signers)
{
    internal IReadOnlyList<PassportAttribute> Of(IReadOnlyList<RecordedEntry> chain)
    {
        var entries = chain.ToDictionary(r => r.Signed.Entry.LeafHash);
        var statements = new Dictionary<EventClaim, List<PassportStatement>>();
        var order = new List<(EventType Type, EventClaim Claim)>();
        foreach (var recorded in chain)
        {
            var corrects = Corrects(recorded.Signed.Entry);
            var original = corrects is { } hash ? entries.GetValueOrDefault(hash) : recorded;
            if (EventType.Stated(recorded.Signed.Entry) is not { } type || original is null)
            {
                continue;
            }

            foreach (var claim in type.Claims.Where(IsAttribute))
            {
                if (Read(recorded, claim) is not { } read)
                {
                    continue;
                }

                // A corrected value was so when the original says, not when the mistake was found.
                var statement = read with { OccurredAt = DateTimeOffset.FromUnixTimeSeconds(original.Signed.Entry.OccurredAt), Corrects = corrects };
                if (!statements.TryGetValue(claim, out var all))
                {
                    statements[claim] = all = [];
                    order.Add((type, claim));
                }

                Add(all, statement);
            }
        }

        return [.. order.Select(o => new PassportAttribute
        {
            Event = o.Type.Name,
            Name = o.Claim.Name,
            Description = o.Claim.Claim.Description,
            Unit = o.Claim.Claim.Unit,
            Access = o.Claim.Claim.Access,
            Law = o.Claim.Claim.Law,
            Statements = statements[o.Claim],
        })];
    }

    /// <summary>The leaf hash that a correction is about; null for other events.</summary>
    internal static Digest? Corrects(Entry entry) =>
        EventCatalog.Find(entry.Event)?.Record == typeof(Corrected) && entry.References is [var reference] ? reference.Entry : null;

    /// <summary>The disclosures of an entry that the audience may see.</summary>
    internal IEnumerable<Disclosure> Visible(SignedEntry signed) =>
        signed.Disclosures.Where(d => viewer.MaySee(signed, d));

    /// <summary>Where something in the entry is signed.</summary>
    internal Provenance Provenance(RecordedEntry recorded, string pointer) => new()
    {
        Entry = recorded.Signed.Entry.LeafHash,
        Pointer = pointer,
        Index = recorded.Index,
        Signer = signers.Of(recorded.Signed.Entry.Issuer),
        RecordedAt = recorded.RecordedAt,
    };

    /// <summary>Whether a stranger may have signed it; null when not.</summary>
    internal bool? Disputed(RecordedEntry recorded) => signers.IsDisputed(recorded) ? true : null;

    // Other names have a place of their own in the passport.
    private static bool IsAttribute(EventClaim claim) =>
        claim.Property.PropertyType != typeof(IReadOnlyList<Alias>) && !(claim.Claim.Kind == ClaimKind.Structural && claim.Property.PropertyType == typeof(bool));

    private PassportStatement? Read(RecordedEntry recorded, EventClaim claim)
    {
        var entry = recorded.Signed.Entry;
        JsonElement? value = null;
        var pointer = "/d/" + claim.Name;
        if (!claim.IsDisclosed)
        {
            if (!entry.Data.TryGetProperty(claim.Name, out var clear))
            {
                return null;
            }

            value = clear;
        }
        else if (viewer.MaySee(entry, claim.Claim.Access))
        {
            if (recorded.Signed.Disclosures.FirstOrDefault(d => d.Name == claim.Name) is not { } disclosure)
            {
                return null;
            }

            value = disclosure.Value;
            pointer = string.Create(CultureInfo.InvariantCulture, $"/d/_sd/{entry.Digests.ToList().IndexOf(disclosure.Digest)}");
        }
        else if (Visible(recorded.Signed).Count() < entry.Digests.Count)
        {
            pointer = "/d/_sd";
        }
        else
        {
            return null;
        }

        return new PassportStatement
        {
            Value = value,
            Withheld = value is null ? true : null,
            OccurredAt = default,
            Provenance = Provenance(recorded, pointer),
            Disputed = Disputed(recorded),
        };
    }

    // Newest first; a correction stands before what it replaces, wherever in the chain it came.
    private static void Add(List<PassportStatement> all, PassportStatement statement)
    {
        var at = statement.Corrects is not { } original ? 0 : all.FindIndex(s => s.Provenance.Entry == original || s.Corrects == original);
        at = at < 0 ? all.Count : at;
        if (statement.Corrects is not null && statement.Withheld is null && at < all.Count)
        {
            all[at] = all[at] with { CorrectedBy = statement.Provenance.Entry };
        }

        all.Insert(at, statement);
    }
}

using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Correcting;

/// <summary>
/// Disclosures of an earlier entry of the same chain are gone, value and salt, from wherever this ledger kept them (Regulation (EU) 2016/679 Art. 17). The
/// digests stay: without 128 bits of salt they say nothing. Whoever was given the disclosure before can still show it.
/// </summary>
[Description("Disclosures of an earlier entry of the same chain were deleted everywhere; ref names the entry, digests say which.")]
public sealed record Erased : LifecycleEvent
{
    [Structural("Digests of the disclosures, as they stand in _sd of the entry referenced.")]
    [Text(MaximumLength = 43, Pattern = "^[A-Za-z0-9_-]{43}$")]
    [Example("X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0")]
    public required IReadOnlyList<string> Digests { get; init; }

    public override void Need(Needs needs, Entry entry) => needs.Disclosed.UnionWith(entry.References.Select(r => r.Entry));

    public override Refusal? Check(Situation now)
    {
        if (now.Entry.References is not [var reference] || reference.Subject != now.Entry.Subject)
        {
            return new Refusal(RefusalCode.ReferenceMissing, "ref names the one entry of this chain whose disclosures are erased.");
        }

        var erased = new HashSet<Digest>();
        foreach (var text in Digests)
        {
            if (!Digest.TryParse(text, out var digest) || !erased.Add(digest))
            {
                return new Refusal(RefusalCode.DataInvalid, "digests names each disclosure once, by the 43 characters that stand in _sd.");
            }
        }

        if (erased.Count == 0)
        {
            return new Refusal(RefusalCode.DataInvalid, "digests names at least one disclosure.");
        }

        // Who replays without the entry at hand passes over this: what is in the log was held against it at the door.
        if (now.Admitted(reference.Entry) is not { } target)
        {
            return null;
        }

        if (erased.FirstOrDefault(d => !target.Entry.Digests.Contains(d)) is var foreign && foreign != default)
        {
            return new Refusal(RefusalCode.DataInvalid, $"{foreign} is no digest of the entry referenced.");
        }

        // Confidential values are kept for the log's life, so whoever has the disclosures finds the same; erasable ones are read by no rule.
        return target.Disclosures.FirstOrDefault(d => erased.Contains(d.Digest) && EventType.IsErasable(target, d) == false) is { } kept
            ? new Refusal(RefusalCode.ErasureForbidden, $"{StrictText.Printable(kept.Name)} is no personal data: rules rest on it, and it is kept for the log's life.")
            : null;
    }

    public override ChainState Apply(Situation now) => now.Chain!;
}

using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Correcting;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Passports;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Using;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>
/// Goes once through the entries that a chain's content rests on, in log order, and carries along what each chain and each line holds and where that is from.
/// Every line is worked out once, when it is given.
/// </summary>
internal sealed class MaterialTrace
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> _chains;
    private readonly Dictionary<string, Holding> _holdings = new(StringComparer.Ordinal);
    private readonly Dictionary<(Digest Entry, int Line), TracedLine> _lines = [];
    private readonly HashSet<(Digest Entry, int Line)> _wanted;

    internal MaterialTrace(Ancestry ancestry, IReadOnlyDictionary<string, IReadOnlyList<RecordedEntry>> chains)
    {
        _chains = chains;
        _wanted = [.. ancestry.Entries.SelectMany(r => r.Signed.Entry.Taken).Select(t => (t.Entry, t.Line))];
        foreach (var recorded in ancestry.Entries)
        {
            Apply(recorded);
        }
    }

    internal IReadOnlyDictionary<string, Holding> Holdings => _holdings;

    /// <summary>Digests that stand without their disclosure in the entries gone through that say how much of what there is.</summary>
    internal int Withheld { get; private set; }

    private void Apply(RecordedEntry recorded)
    {
        var signed = recorded.Signed;
        var entry = signed.Entry;
        if (Candidate.Read(signed, out _) is not { Event: var happened, Type: var type })
        {
            return;
        }

        var holding = _holdings.GetValueOrDefault(entry.Subject);
        var saysHowMuch = entry.Taken.Count > 0 || entry.Given.Count > 0 || happened is Disposed or Corrected or PartReplaced or Dismantled || type.Claims.Any(c => c.Claim.IsContent || c.Claim.IsTotal);
        Withheld += saysHowMuch ? signed.Withheld : 0;
        if (holding is null)
        {
            if (type.Standing != Standing.Opens || type.Chains[0] is not (ChainKind.Lot or ChainKind.Component or ChainKind.Consignment or ChainKind.Battery))
            {
                return;
            }

            _holdings[entry.Subject] = holding = new Holding(entry.Subject, entry.LeafHash, happened, AsCorrected<CustodyModel?>(recorded, "custody", CustodyOf(happened)));
            Open(holding, recorded, type, happened);
        }
        else
        {
            Continue(holding, signed, happened);
        }

        // Whatever stands on a lot's chain may give some of it; what a battery gives follows from the event.
        if (!holding.IsBattery && entry.Given.Count > 0)
        {
            var given = Enumerable.Range(0, entry.Given.Count).Select(i => holding.Line(LineExchange.QuantityOf(signed, i), _wanted.Contains((entry.LeafHash, i)))).ToList();
            for (var i = 0; i < given.Count; i++)
            {
                _lines[(entry.LeafHash, i)] = given[i];
                holding.Gave(given[i]);
            }
        }
    }

    private void Open(Holding holding, RecordedEntry recorded, EventType type, LifecycleEvent happened)
    {
        var signed = recorded.Signed;
        var content = type.Claims.FirstOrDefault(c => c.Claim.IsContent);
        var stated = (IReadOnlyList<ElementMass>?)content?.Property.GetValue(happened);
        holding.Total = ((Quantity?)type.Claims.FirstOrDefault(c => c.Claim.IsTotal)?.Property.GetValue(happened))?.Value;
        if (happened is LotExtracted mine)
        {
            var site = AsCorrected(recorded, "site", mine.Site);
            holding.Wins(new MaterialSource(OriginKind.Mined, signed.Entry.Subject, site.Country), stated);
            return;
        }

        if (happened is BatteryImported || SourceOf(happened) is not null)
        {
            holding.TakesUnsigned();
        }

        var taken = Take(holding, signed.Entry);
        holding.Total = happened is Received ? SumOf(taken) : holding.Total;
        holding.States(stated, content is not null && signed.Withheld > 0);
        holding.Settle();
    }

    private void Continue(Holding holding, SignedEntry signed, LifecycleEvent happened)
    {
        var entry = signed.Entry;
        switch (happened)
        {
            case InputsAdded added:
                AddInputs(holding, signed, added);
                break;
            case Corrected corrected:
                Correct(holding, signed, corrected);
                break;
            case Withdrawn withdrawn when entry.References is [var reference] && _lines.TryGetValue((reference.Entry, (int)withdrawn.Line), out var line):
                PutBack(holding, line);
                break;
            case Voided:
                holding.Empties();
                break;
            case Disposed disposed when !holding.IsBattery:
                holding.Gave(holding.Line(disposed.Quantity?.Value, isWanted: false));
                break;
            case PartReplaced replaced:
                TakeOut(holding, signed, replaced.Removed, replaced.RemovedContent);
                var parts = Take(null, entry).Aggregate(Portion.Of(SourcedContent.Empty), (sum, l) => sum.Plus(l?.Content ?? Portion.Lacking(Gap.NotStated)));
                holding.Gains(replaced.Source is null ? parts : parts.Plus(Portion.Lacking(Gap.NotStated)));
                break;
            case Dismantled dismantled:
                TakeOut(holding, signed, dismantled.Removed, dismantled.RemovedContent);
                break;
            case Released:
                _lines[(entry.LeafHash, 0)] = new TracedLine(holding.Content, 1, holding.Custody) { IsWholeBattery = true };
                break;
            case Recycled recycled:
                GiveRecovered(holding, signed, recycled);
                break;
            default:
                break;
        }
    }

    private List<TracedLine?> Take(Holding? holding, Entry entry)
    {
        var lines = entry.Taken.Select(t => _lines.GetValueOrDefault((t.Entry, t.Line))).ToList();
        foreach (var line in lines)
        {
            holding?.Takes(line);
        }

        return lines;
    }

    private static decimal? SumOf(IEnumerable<TracedLine?> lines) => lines.Aggregate((decimal?)0, (sum, line) => sum + line?.Quantity);

    private void AddInputs(Holding holding, SignedEntry signed, InputsAdded added)
    {
        // As the rules count it: to a lot what joins later brings more room and no more mass, until the whole is stated anew.
        holding.KeepsItsMasses();
        var taken = Take(holding, signed.Entry);
        if (added.Source is not null)
        {
            holding.TakesUnsigned();
        }

        if (added.Content is not null)
        {
            holding.States(added.Content, withheld: false);
        }
        else if (signed.Withheld > signed.Entry.Given.Count)
        {
            // More than the lines' quantities is withheld: perhaps a new statement of the whole.
            holding.States(null, withheld: true);
        }
        else if (holding.IsBattery)
        {
            var more = taken.Aggregate(Portion.Of(SourcedContent.Empty), (sum, l) => sum.Plus(l?.Content ?? Portion.Lacking(Gap.NotStated)));
            holding.StatedGrows(added.Source is null ? more : Portion.Lacking(Gap.NotStated));
        }

        holding.Total = holding.IsConsignment ? holding.Total + SumOf(taken) : holding.Total;
        holding.Settle();
    }

    private static void Correct(Holding holding, SignedEntry signed, Corrected corrected)
    {
        foreach (var claim in EventCatalog.Find(corrected.Event)?.Claims ?? [])
        {
            var value = corrected.Replacements.GetValueOrDefault(claim.Name);
            if (claim.Claim.IsTotal && (value is not null || signed.Withheld > 0))
            {
                holding.Total = ((Quantity?)value)?.Value;
            }

            if (claim.Claim.IsContent && (value is not null || signed.Withheld > 0))
            {
                holding.Restates((IReadOnlyList<ElementMass>?)value);
            }
        }
    }

    private static void PutBack(Holding holding, TracedLine line)
    {
        if (!holding.IsBattery)
        {
            holding.TookBack(line);
        }
        else if (!line.IsWholeBattery)
        {
            // A part that stays where it was.
            holding.Gains(line.Content.Then(c => c.Become(s => s.Use == Use.Used ? s with { Use = Use.InProduct } : s)));
        }
    }

    private void TakeOut(Holding holding, SignedEntry signed, Quantity? removed, IReadOnlyList<ElementMass>? content)
    {
        if (removed is null && signed.Withheld == 0)
        {
            return;
        }

        var stated = content is not null ? holding.Alone(content, Use.InProduct) : Portion.Lacking(signed.Withheld > 0 ? Gap.Withheld : Gap.NotStated);
        var part = holding.Loses(stated).Then(c => c.Become(s => s with { Use = Use.Used }));
        GiveShares(signed, part, removed, holding.Custody);
    }

    // Whatever the battery was made of, what is won from it is post-consumer material.
    private void GiveRecovered(Holding holding, SignedEntry signed, Recycled recycled)
    {
        var source = new Strand(new MaterialSource(OriginKind.RecycledPostConsumer, signed.Entry.Subject), Use.Used);
        var won = Composition.Of(recycled.Content) is { } masses ? Portion.Of(SourcedContent.From(masses, source, CustodyModel.IdentityPreserved)) : Portion.Lacking(Gap.Withheld);
        GiveShares(signed, won, recycled.Mass, CustodyModel.IdentityPreserved);
        holding.Empties();
    }

    private void GiveShares(SignedEntry signed, Portion whole, Quantity? quantity, CustodyModel? custody)
    {
        for (var i = 0; i < signed.Entry.Given.Count; i++)
        {
            var part = LineExchange.QuantityOf(signed, i);
            var share = whole.Content is not { } content ? whole
                : part is { } q && quantity is { Value: > 0 } all ? Portion.Of(content.Share(q, all.Value))
                : part == 0 ? Portion.Of(SourcedContent.Empty)
                : Portion.Lacking(Gap.Withheld);
            _lines[(signed.Entry.LeafHash, i)] = new TracedLine(share, part, custody);
        }
    }

    // A corrected place or model was so from the beginning, whenever the mistake was found.
    private T AsCorrected<T>(RecordedEntry opening, string name, T said)
    {
        var newest = said;
        foreach (var recorded in _chains[opening.Signed.Entry.Subject])
        {
            var entry = recorded.Signed.Entry;
            if (entry.References is [var reference] && reference.Entry == opening.Signed.Entry.LeafHash
                && Candidate.Read(recorded.Signed, out _) is { Event: Corrected corrected } && corrected.Replacements.TryGetValue(name, out var value))
            {
                newest = (T)value;
            }
        }

        return newest;
    }

    private static InputSource? SourceOf(LifecycleEvent happened) => happened switch
    {
        LotRefined lot => lot.Source,
        LotsBlended lot => lot.Source,
        MaterialManufactured lot => lot.Source,
        BlackMassProduced lot => lot.Source,
        MaterialRecovered lot => lot.Source,
        ComponentManufactured parts => parts.Source,
        BatteryManufactured battery => battery.Source,
        SecondLifeBegun battery => battery.Source,
        _ => null,
    };

    private static CustodyModel? CustodyOf(LifecycleEvent happened) => happened switch
    {
        LotRefined lot => lot.Custody,
        LotsBlended lot => lot.Custody,
        MaterialManufactured lot => lot.Custody,
        MaterialRecovered lot => lot.Custody,
        Received goods => goods.Custody,
        _ => null,
    };
}

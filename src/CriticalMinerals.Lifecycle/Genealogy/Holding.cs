using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Manufacturing;
using CriticalMinerals.Lifecycle.Recycling;
using CriticalMinerals.Lifecycle.Repurposing;
using CriticalMinerals.Lifecycle.Sourcing;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle.Genealogy;

/// <summary>What a chain holds while its entries are gone through in order. The masses follow the rules of <see cref="LineExchange"/>; with them go their sources.</summary>
internal sealed class Holding(string chain, Digest opening, LifecycleEvent made, CustodyModel? stated)
{
    private Portion _intake = Portion.Of(SourcedContent.Empty);
    private Composition? _content;
    private bool _contentWithheld;
    private Composition? _given = Composition.Empty;
    private decimal? _givenQuantity = 0;
    private MaterialSource _mine;
    private Composition? _masses;

    /// <summary>What it holds: of a lot or a batch the lines given included, of a battery without what has left it.</summary>
    internal Portion Content { get; private set; } = Portion.Lacking(Gap.NotStated);

    /// <summary>How much of it there is, in its unit; null when withheld, or not known of a line received.</summary>
    internal decimal? Total { get; set; }

    /// <summary>Whether something went in of which nobody's signature says what it holds.</summary>
    internal bool IsOpenEnded { get; private set; }

    /// <summary>The weakest custody model among the lines that went in; null when none is stated.</summary>
    internal CustodyModel? InputCustody { get; private set; }

    /// <summary>Lines that went in and whose giving entry is out of sight.</summary>
    internal int UnseenInputs { get; private set; }

    /// <summary>The model under which it is given on: never stronger than that of its inputs. A mine's lot has one source.</summary>
    internal CustodyModel? Custody => made is LotExtracted ? CustodyModel.IdentityPreserved : SourcedContent.Weaker(stated, InputCustody);

    /// <summary>Claims that were stronger than what went in carries, by element.</summary>
    internal IReadOnlyList<CustodyUpgrade> Upgrades { get; private set; } = [];

    /// <summary>Whether its shares became too fine to be carried on.</summary>
    internal bool IsTooFine { get; private set; }

    private Strand Untraced => new(new MaterialSource(OriginKind.NotTraced, chain), Use.Raw);

    /// <summary>Whether it is a battery.</summary>
    internal bool IsBattery => made is BatteryManufactured or BatteryImported or SecondLifeBegun;

    /// <summary>Whether it holds what was received, no more and no less.</summary>
    internal bool IsConsignment => made is Received;

    /// <summary>Something went in.</summary>
    internal void Takes(TracedLine? line)
    {
        var content = line?.Content ?? Portion.Lacking(Gap.NotStated);
        InputCustody = SourcedContent.Weaker(InputCustody, line?.Custody);
        UnseenInputs += line is null ? 1 : 0;
        if (content.Gap == Gap.NotStated)
        {
            IsOpenEnded = true;
            return;
        }

        _intake = _intake.Plus(content);
    }

    /// <summary>Something went in without a giver's signature.</summary>
    internal void TakesUnsigned() => IsOpenEnded = true;

    /// <summary>A mine won what it holds.</summary>
    internal void Wins(MaterialSource mine, IReadOnlyList<ElementMass>? content)
    {
        _mine = mine;
        Restates(content);
    }

    /// <summary>Its content was corrected; to null by a correction whose value is withheld.</summary>
    internal void Restates(IReadOnlyList<ElementMass>? content)
    {
        States(content, withheld: true);
        Settle();
    }

    /// <summary>Its content was stated, or it was not.</summary>
    /// <param name="content">As stated.</param>
    /// <param name="withheld">Whether it may stand in a disclosure that is not at hand.</param>
    internal void States(IReadOnlyList<ElementMass>? content, bool withheld)
    {
        _content = Composition.Of(content);
        _contentWithheld = withheld && content is null;
    }

    /// <summary>What a lot holds counts as stated from now on. Parts of which nothing was stated hold all that goes in, as batteries and consignments do.</summary>
    internal void KeepsItsMasses() => _content = IsBattery || IsConsignment || made is ComponentManufactured ? _content : _content ?? _masses;

    /// <summary>More went into a battery whose content was stated before: that grows by it.</summary>
    internal void StatedGrows(Portion by) => _content = by.Content is { } more ? _content?.Plus(more.Masses) : null;

    /// <summary>Works out what it holds from what went in and what was stated.</summary>
    internal void Settle()
    {
        if (_contentWithheld || _intake.Gap == Gap.Withheld)
        {
            Hold(Portion.Lacking(Gap.Withheld));
            return;
        }

        if (made is LotExtracted)
        {
            Hold(Portion.Of(SourcedContent.From(_content!, new Strand(_mine, Use.Raw), CustodyModel.IdentityPreserved)));
            return;
        }

        if (_content is null && IsOpenEnded)
        {
            Hold(Portion.Lacking(Gap.NotStated));
            return;
        }

        var intake = made is BlackMassProduced or MaterialRecovered ? _intake.Content!.Become(AfterRecycling) : _intake.Content!;
        var content = _content is null ? intake : intake.Weighing(_content, Untraced);
        if (made is MaterialManufactured or ComponentManufactured || IsBattery)
        {
            content = content.Become(s => s.Use == Use.Raw ? s with { Use = Use.InProduct } : s);
        }

        var upgrades = new List<CustodyUpgrade>();
        content = content.UnderCustody((element, held) => UnderCustody(element, held, upgrades));
        Upgrades = upgrades;
        Hold(Portion.Of(content));
    }

    /// <summary>What a line of that quantity takes along, of what is left after the lines given before this entry.</summary>
    /// <param name="quantity">In the chain's unit; null when withheld.</param>
    /// <param name="isWanted">Whether somebody asks where it is from; else its masses are enough.</param>
    internal TracedLine Line(decimal? quantity, bool isWanted)
    {
        var whole = Total - _givenQuantity;
        Composition? left = null;
        Ratio share = default;
        if (quantity is { } part && whole is > 0 and var all && _masses is { } masses && _given is { } given)
        {
            left = masses.Less(given);
            share = (Ratio)part / all;
        }

        var portion = quantity == 0 ? Portion.Of(SourcedContent.Empty)
            : Content.Content is not { } content ? Content
            : left is null ? Portion.Lacking(Gap.Withheld)
            : isWanted ? Portion.Of(content.Less(_given!).Share(share, 1))
            : Portion.Lacking(Gap.NotStated);
        return new TracedLine(portion, quantity, Custody) { Masses = quantity == 0 ? Composition.Empty : left?.Share(share, 1) };
    }

    /// <summary>Lines left it, or something was disposed of.</summary>
    internal void Gave(TracedLine line)
    {
        _givenQuantity += line.Quantity;
        _given = line.Masses is { } masses ? _given?.Plus(masses) : null;
    }

    /// <summary>A line came back.</summary>
    internal void TookBack(TracedLine line)
    {
        _givenQuantity -= line.Quantity;
        _given = line.Masses is { } masses ? _given?.Less(masses) : null;
    }

    /// <summary>Parts left a battery, and what they hold is returned.</summary>
    internal Portion Loses(Portion removed)
    {
        if (removed.Content is not { } wanted || Content.Content is not { } held)
        {
            // Of a battery whose content nobody stated the part's own statement tells masses and no source.
            var part = Content.Gap == Gap.Withheld || removed.Gap == Gap.Withheld ? Portion.Lacking(Gap.Withheld) : removed;
            Hold(Portion.Lacking(part.Gap == Gap.Withheld ? Gap.Withheld : Gap.NotStated));
            return part;
        }

        var gone = wanted.Masses;
        Hold(Portion.Of(held.Less(gone)));
        return Portion.Of(held.Weighing(gone, Untraced with { Use = Use.InProduct }));
    }

    /// <summary>Parts went into a battery.</summary>
    internal void Gains(Portion parts) => Hold(Content.Plus(parts));

    /// <summary>Nothing is in it any more.</summary>
    internal void Empties()
    {
        Hold(Portion.Of(SourcedContent.Empty));
        Total = 0;
    }

    /// <summary>Masses stated of something whose source only this chain can tell.</summary>
    internal Portion Alone(IReadOnlyList<ElementMass> content, Use use) => Portion.Of(SourcedContent.From(Composition.Of(content)!, Untraced with { Use = use }, null));

    private void Hold(Portion content)
    {
        _masses = content.Content?.Masses;
        if (content.Content is { IsKept: false })
        {
            IsTooFine = true;
            content = Portion.Of(SourcedContent.From(_masses!, Untraced with { Use = Use.InProduct }, null));
        }

        Content = content;
    }

    // Scrap of a product is manufacturing waste, a part that was in a battery is post-consumer waste; what was recycled once stays that.
    private Strand AfterRecycling(Strand strand) => strand switch
    {
        { Use: Use.Used } => Recovered(OriginKind.RecycledPostConsumer),
        { Source.Kind: OriginKind.RecycledPreConsumer or OriginKind.RecycledPostConsumer } => Recovered(strand.Source.Kind),
        { Use: Use.InProduct } => Recovered(OriginKind.RecycledPreConsumer),
        _ => strand,
    };

    private Strand Recovered(OriginKind kind) => new(new MaterialSource(kind, chain), Use.Raw);

    private CustodyModel? UnderCustody(Mineral element, SourcedContent.Element held, List<CustodyUpgrade> upgrades)
    {
        var sources = held.Strands.Keys.Select(s => s.Source).Distinct().ToList();
        var isMixed = sources.Count > 1;
        if (stated is null)
        {
            // Identity is lost where sources meet; in which ratio is known here to the last fraction.
            return isMixed && held.Custody == CustodyModel.IdentityPreserved ? CustodyModel.ControlledBlending : held.Custody;
        }

        CustodyModel? carried = held.Custody > stated ? held.Custody : stated == CustodyModel.IdentityPreserved && isMixed ? CustodyModel.Segregated : null;
        if (carried is { } weaker)
        {
            upgrades.Add(new CustodyUpgrade(chain, opening, element, stated.Value, weaker));
        }

        return SourcedContent.Weaker(carried ?? stated, held.Custody);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Granting;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>What a chain is about. Decided by its first entry; names alone do not tell a lot from a component.</summary>
public enum ChainKind
{
    Log,
    Operator,
    Grants,
    Model,
    Lot,
    Component,
    Consignment,
    Battery,
}

/// <summary>
/// What the rules need to know of a chain after some of its entries; small whatever the chain's length. Written only by events, rebuilt by replay,
/// never believed by an auditor.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "state")]
[JsonDerivedType(typeof(LogState), "log")]
[JsonDerivedType(typeof(OperatorState), "operator")]
[JsonDerivedType(typeof(GrantsState), "grants")]
[JsonDerivedType(typeof(ModelState), "model")]
[JsonDerivedType(typeof(StockState), "stock")]
[JsonDerivedType(typeof(BatteryState), "battery")]
public abstract record ChainState
{
    /// <summary>The chain's name.</summary>
    public required string Subject { get; init; }

    /// <summary>What it is about.</summary>
    [JsonIgnore]
    public abstract ChainKind Kind { get; }

    /// <summary>The operator on whose right the first entry stands.</summary>
    public required string Opener { get; init; }

    /// <summary>Wire name of its first entry's event.</summary>
    public string? Began { get; init; }

    /// <summary>Sequence of the newest entry.</summary>
    public long Sequence { get; init; }

    /// <summary>Leaf hash of the newest entry.</summary>
    [JsonConverter(typeof(DigestConverter))]
    public Digest Head { get; init; }

    /// <summary>The operator that acts on the chain: responsible for the battery, holder of the lot or part.</summary>
    [JsonIgnore]
    public virtual string Keeper => Opener;

    /// <summary>Whether strangers may read the chain.</summary>
    [JsonIgnore]
    public virtual bool IsOpen => true;

    /// <summary>The state with an entry as its newest, and with one text for each name in it, however many states hold it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="same">The text kept for a chain's name, or the name given.</param>
    internal ChainState Settled(Entry entry, Func<string, string> same) => Named(same) with
    {
        Began = Began ?? EventCatalog.Find(entry.Event)!.Name,
        Sequence = entry.Sequence,
        Head = entry.LeafHash,
    };

    /// <summary>The state with the texts that are kept for the names in it.</summary>
    internal virtual ChainState Named(Func<string, string> same) => same(Opener) is var opener && ReferenceEquals(opener, Opener) ? this : this with { Opener = opener };

    /// <summary>The state with every log index in it moved by as many, as where a log goes on in its successor.</summary>
    internal virtual ChainState Shifted(long by) => this;

    /// <summary>The state as storage keeps it. Nobody signs it: it may change its form with the program, and replay makes it anew.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EventJson.Options);

    /// <summary>The state that <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="JsonException">The bytes are something else.</exception>
    public static ChainState FromBytes(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<ChainState>(bytes, EventJson.Options)!;
}

/// <summary>The log's own chain: its authority, recovery, head and log keys.</summary>
public sealed record LogState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Log;

    /// <summary>Its keys, after those of its predecessors: these ended with its opening, and stay for what they signed.</summary>
    public required KeyRing Keys { get; init; }

    internal override ChainState Shifted(long by) => this with { Keys = Keys.Shifted(by) };
}

/// <summary>An operator: keys and roles. Key chains stay short, so grants stand on a chain of their own.</summary>
public sealed record OperatorState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Operator;

    public required KeyRing Keys { get; init; }

    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Who may act for it since it vanished.</summary>
    public IReadOnlyList<Succession> Successions { get; init; } = [];

    /// <summary>Whether the authority has suspended it: it says nothing and nothing is said for it.</summary>
    public bool Suspended { get; init; }

    internal override ChainState Shifted(long by) => this with { Keys = Keys.Shifted(by) };
}

/// <summary>Another operator acts for one that vanished.</summary>
/// <param name="Successor">The other.</param>
/// <param name="Chains">On which chains; null for every chain.</param>
public sealed record Succession(string Successor, IReadOnlyList<string>? Chains);

/// <summary>What an operator was granted (identifier prefixes) and what it lets others do in its name.</summary>
public sealed record GrantsState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Grants;

    public IReadOnlyList<GrantedIdentifier> Identifiers { get; init; } = [];

    public IReadOnlyList<Delegation> Delegations { get; init; } = [];

    /// <summary>Until when the authority lets this auditor see confidential quantities, in seconds since 1970; null when it does not.</summary>
    public long? AuditAccessUntil { get; init; }

    /// <summary>Whether some granted prefix of the scheme covers the value.</summary>
    public bool Covers(string scheme, string value) =>
        Identifiers.Any(i => i.Scheme == scheme && value.StartsWith(i.Prefix, StringComparison.Ordinal));

    /// <summary>Whether the delegate may append this event to this chain.</summary>
    public bool Allows(string delegatedTo, string eventName, string subject) =>
        Delegations.Any(d => d.To == delegatedTo && d.Events.Contains(eventName) && (d.Chains is null || d.Chains.Contains(subject)));
}

/// <summary>A prefix of a naming scheme that only its holder may open chains or give aliases under.</summary>
public sealed record GrantedIdentifier(string Scheme, string Prefix);

/// <summary>A standing permission to sign for the chain's operator.</summary>
/// <param name="Entry">Leaf hash of the <c>delegated</c> entry; its revocation names it.</param>
/// <param name="To">The delegate.</param>
/// <param name="Events">Wire names that it may sign.</param>
/// <param name="Chains">On which chains; null for every chain.</param>
public sealed record Delegation(
    [property: JsonConverter(typeof(DigestConverter))] Digest Entry, string To, IReadOnlyList<string> Events, IReadOnlyList<string>? Chains);

/// <summary>A model data sheet, one per model and plant.</summary>
public sealed record ModelState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Model;
}

/// <summary>
/// Something with a quantity that is given on in lines: a lot of material, a batch of parts or one part, a consignment.
/// </summary>
public sealed record StockState : ChainState
{
    public required ChainKind StockKind { get; init; }

    [JsonIgnore]
    public override ChainKind Kind => StockKind;

    /// <summary>Whether strangers may read the chain: said once, in its first entry.</summary>
    public required bool Open { get; init; }

    [JsonIgnore]
    public override bool IsOpen => Open;

    /// <summary><c>kg</c> of material or <c>pieces</c>; null in an excerpt of a log that does not hold the giver's chain.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Unit { get; init; }

    /// <summary>How much there is to give, in <see cref="Unit"/>; null when its disclosure is withheld from this replay.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required decimal? Total { get; init; }

    /// <summary>How much was given and not taken back; null when a quantity was withheld from this replay.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public decimal? Given { get; init; } = 0;

    /// <summary>Lines given and not taken back.</summary>
    public int Lines { get; init; }

    /// <summary>What it holds or held, given lines included; null when not stated, or withheld from this replay.</summary>
    public Composition? Content { get; init; }

    /// <summary>Whether <see cref="Content"/> is no statement but all that went in: then it grows with what joins it.</summary>
    public bool ContentImplied { get; init; }

    /// <summary>The part of <see cref="Content"/> that the lines given and what was disposed of took along; null when unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Composition? GivenContent { get; init; } = Composition.Empty;

    /// <summary>What its lines are for: parts that were in a battery stay such, however often they are given on. Null in an excerpt that cannot tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public LinePurpose? Carries { get; init; } = LinePurpose.Stock;

    /// <summary>What went in.</summary>
    public Intake Intake { get; init; } = new();

    /// <summary>Whether some of it went to final disposal: then it can no longer be undone, nor can anything join it.</summary>
    public bool Disposed { get; init; }

    /// <summary>Undone by its opener: it holds and gives nothing.</summary>
    public bool Voided { get; init; }
}

/// <summary>What a chain took, as far as rules ask for it.</summary>
public sealed record Intake
{
    /// <summary>Leaf hashes of the chain's entries that took lines.</summary>
    [JsonConverter(typeof(DigestListConverter))]
    public IReadOnlyList<Digest> Entries { get; init; } = [];

    /// <summary>Lines they took in all.</summary>
    public int Lines { get; init; }

    /// <summary>Sum of those lines, in whatever units they have; null when that of some is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Ratio? Quantity { get; init; } = default(Ratio);

    /// <summary>What those lines hold together; null when that of some is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Composition? Content { get; init; } = Composition.Empty;

    /// <summary>Whether something went in without a giver's signature.</summary>
    public bool Declared { get; init; }

    /// <summary>The most that what was made of it can hold; null when nothing bounds it, or that is not known.</summary>
    [JsonIgnore]
    public Composition? Bound => Declared ? null : Content;

    /// <summary>With what one more entry took.</summary>
    internal Intake With(Situation now, bool declared) => new()
    {
        Entries = now.Entry.Taken.Count > 0 ? [.. Entries, now.Entry.LeafHash] : Entries,
        Lines = Lines + now.Entry.Taken.Count,
        Quantity = now.TakenQuantity is { } sum ? Quantity + sum : null,
        Content = now.TakenContent is { } taken ? Content?.Plus(taken) : null,
        Declared = Declared || declared,
    };
}

/// <summary>Where a battery is in its life, as far as it decides what may be said next.</summary>
public enum BatteryStage
{
    /// <summary>Made, not yet on a market.</summary>
    Made,

    /// <summary>On a market, not yet in service.</summary>
    OnMarket,

    /// <summary>Used.</summary>
    InService,

    /// <summary>Waste: collected, or declared to be.</summary>
    Waste,

    /// <summary>Taken apart: parts of it have gone on.</summary>
    Dismantled,

    /// <summary>Given up for a second life or for recycling; what takes it closes its passport.</summary>
    Released,

    /// <summary>Recycled, disposed of, or undone: nothing more happens to it.</summary>
    Ended,
}

/// <summary>One battery.</summary>
public sealed record BatteryState : ChainState
{
    [JsonIgnore]
    public override ChainKind Kind => ChainKind.Battery;

    /// <summary>The economic operator responsible for the battery and its passport (Regulation (EU) 2023/1542 Art. 77(4)).</summary>
    public required string Responsible { get; init; }

    [JsonIgnore]
    public override string Keeper => Responsible;

    /// <summary>The model sheet's chain.</summary>
    public required string Model { get; init; }

    /// <summary>Battery status (Annex XIII 4(c)).</summary>
    public BatteryStatus Status { get; init; }

    /// <summary>Whether it was placed on the market.</summary>
    public bool OnMarket { get; init; }

    /// <summary>Whether it was put into service.</summary>
    public bool InService { get; init; }

    /// <summary>Whether it was taken apart.</summary>
    public bool Dismantled { get; init; }

    /// <summary>Whether it was recycled, disposed of or voided.</summary>
    public bool Ended { get; init; }

    /// <summary>Whether it was reported as lost or stolen and not found since.</summary>
    public bool Missing { get; init; }

    /// <summary>Whether it was taken to another country, and not brought back since.</summary>
    public bool Exported { get; init; }

    /// <summary>Whether the newest assessment found it fit for a second life.</summary>
    public bool Fit { get; init; }

    /// <summary>To whom responsibility is offered; null when it is to nobody.</summary>
    public ResponsibilityOffer? Offer { get; init; }

    /// <summary>The entry that gave it up, until that is taken back.</summary>
    public BatteryRelease? Release { get; init; }

    /// <summary>What is in it; null when not known.</summary>
    public Composition? Content { get; init; }

    /// <summary>What went in.</summary>
    public Intake Intake { get; init; } = new();

    /// <summary>Whether parts of it were given on, or responsibility was ever accepted by another: then it can no longer be undone.</summary>
    public bool Relied { get; init; }

    /// <summary>Names in other systems.</summary>
    public IReadOnlyList<Alias> Aliases { get; init; } = [];

    /// <summary>Who may see the battery's restricted data by grant of the responsible operator, not revoked.</summary>
    public IReadOnlyList<GrantedAccess> Access { get; init; } = [];

    internal override ChainState Named(Func<string, string> same)
    {
        var named = (BatteryState)base.Named(same);
        var (responsible, model) = (same(Responsible), same(Model));
        return ReferenceEquals(responsible, Responsible) && ReferenceEquals(model, Model) ? named : named with { Responsible = responsible, Model = model };
    }

    /// <summary>Where it is in its life.</summary>
    [JsonIgnore]
    public BatteryStage Stage =>
        Ended ? BatteryStage.Ended
            : Release is not null ? BatteryStage.Released
            : Dismantled ? BatteryStage.Dismantled
            : Status == BatteryStatus.Waste ? BatteryStage.Waste
            : InService ? BatteryStage.InService
            : OnMarket ? BatteryStage.OnMarket
            : BatteryStage.Made;
}

/// <summary>Responsibility held out to an operator, who may accept it.</summary>
/// <param name="Entry">Leaf hash of the offer.</param>
/// <param name="To">The operator.</param>
public sealed record ResponsibilityOffer([property: JsonConverter(typeof(DigestConverter))] Digest Entry, string To);

/// <summary>Access to a battery's restricted data.</summary>
/// <param name="Entry">Leaf hash of the grant.</param>
/// <param name="To">The operator; null for a person, whom only the grant's disclosures name.</param>
/// <param name="Interest">As whom.</param>
/// <param name="Until">Until when, in seconds since 1970.</param>
public sealed record GrantedAccess([property: JsonConverter(typeof(DigestConverter))] Digest Entry, string? To, LegitimateInterest Interest, long Until);

/// <summary>A battery given up.</summary>
/// <param name="Entry">Leaf hash of the release.</param>
/// <param name="Operation">For what.</param>
public sealed record BatteryRelease([property: JsonConverter(typeof(DigestConverter))] Digest Entry, LinePurpose Operation);

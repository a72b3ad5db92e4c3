using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>One entry about to be decided: what is known at its index, and what admitting it would change. Events read and write only this.</summary>
public sealed class Situation
{
    private readonly LedgerState _state;
    private Dictionary<(Digest Entry, int Line), GivenLine>? _lines;
    private Dictionary<string, string?>? _claims;

    internal Situation(LedgerState state, SignedEntry signed, RegisteredKey key)
    {
        _state = state;
        Signed = signed;
        Key = key;
        Chain = state.Chain(signed.Entry.Subject);
    }

    /// <summary>The entry with the disclosures at hand.</summary>
    public SignedEntry Signed { get; }

    /// <summary>The entry.</summary>
    public Entry Entry => Signed.Entry;

    /// <summary>The index it gets if it is admitted.</summary>
    public long Index => _state.Size;

    /// <summary>The key that signed.</summary>
    public RegisteredKey Key { get; }

    /// <summary>The chain as it stands; null before its first entry.</summary>
    public ChainState? Chain { get; }

    /// <summary>Roles of the operator on whose right the entry stands.</summary>
    public IReadOnlyList<Role> Roles => (_state.Chain(Entry.Actor) as OperatorState)?.Roles ?? [];

    /// <summary>Which keys the log's opening must name, if anybody told.</summary>
    public ExpectedOpening? Opening => _state.Opening;

    /// <summary>The ended log that the opening must name.</summary>
    public Predecessor? Predecessor => _state.Predecessor;

    /// <summary>Index of the oldest entry of this log or its predecessors.</summary>
    public long First => _state.First;

    /// <summary>Whether what is not found may stand in the log all the same (<see cref="LedgerState.IsExcerpt"/>).</summary>
    public bool IsExcerpt => _state.IsExcerpt;

    /// <summary>Units of the lines taken, one each; those unknown in an excerpt are left out.</summary>
    public IReadOnlyList<string> TakenUnits { get; private set; } = [];

    /// <summary>Sum of the lines taken; null when some quantity was withheld.</summary>
    public decimal? TakenQuantity { get; private set; } = 0;

    /// <summary>What the lines taken hold together; null when that of some is not known.</summary>
    public Composition? TakenContent { get; private set; } = Composition.Empty;

    /// <summary>What the lines taken were given for; those unknown in an excerpt are left out.</summary>
    public IReadOnlyList<LinePurpose> TakenPurposes { get; private set; } = [];

    /// <summary>The chains that gave the lines taken; those unknown in an excerpt are left out.</summary>
    public IReadOnlyList<string> TakenGivers { get; private set; } = [];

    /// <summary>Lines given, taken or taken back; made when first asked for, as most entries have none.</summary>
    internal Dictionary<(Digest Entry, int Line), GivenLine> Lines => _lines ??= [];

    /// <summary>Names taken, and with null given up.</summary>
    internal Dictionary<string, string?> Claims => _claims ??= new(StringComparer.Ordinal);

    /// <summary>Whether the entry is the log's own.</summary>
    internal bool IsLog => Entry.Issuer == _state.LogOperator;

    /// <summary>The state of another chain that the entry named.</summary>
    public ChainState? Other(string subject) => _state.Chain(subject);

    /// <summary>Where an entry that this one references stands. Found for every reference once it is the event's turn, save in an excerpt.</summary>
    public EntryFact? Referenced(Digest entry) => _state.Entry(entry);

    /// <summary>An earlier entry with the disclosures at hand; null when whoever decides has not got it, as in most replays.</summary>
    public SignedEntry? Admitted(Digest entry) => _state.Admitted(entry);

    /// <summary>Who holds a name in the whole log.</summary>
    public string? OwnerOf(string claim) => _claims is not null && _claims.TryGetValue(claim, out var owner) ? owner : _state.OwnerOf(claim);

    /// <summary>Takes a name for an owner, or with null gives it up.</summary>
    internal void Claim(string name, string? owner) => Claims[name] = owner;

    /// <summary>A granted prefix that would overlap with this one in another operator's hands.</summary>
    internal string? OverlappingGrant(string scheme, string prefix, string holder) =>
        _state.OverlappingGrants(scheme, prefix).FirstOrDefault(g => _state.OwnerOf(g) != holder);

    /// <summary>A line that the entry names, as it stands.</summary>
    internal GivenLine? Line(Digest entry, int line) => _lines is not null && _lines.TryGetValue((entry, line), out var changed) ? changed : _state.Line(entry, line);

    internal bool ChangesLines => _lines is not null;

    internal bool ChangesClaims => _claims is not null;

    internal void Took(IReadOnlyList<GivenLine> lines, decimal? quantity, Composition? content)
    {
        TakenUnits = [.. lines.Select(l => l.Unit).OfType<string>()];
        TakenPurposes = [.. lines.Select(l => l.Purpose).OfType<LinePurpose>()];
        TakenGivers = [.. lines.Select(l => l.Giver)];
        TakenQuantity = quantity;
        TakenContent = content;
    }
}

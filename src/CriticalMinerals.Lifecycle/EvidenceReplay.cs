using System.Globalization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// The entries of a bundle put through the rules in the order of their indexes, as far as somebody asks: it answers which key is good at an index from the
/// entries below it, so that <see cref="Verifier"/> has checked each signature before anything rests on it.
/// </summary>
internal sealed class EvidenceReplay
{
    private readonly EvidenceBundle _bundle;
    private readonly IReadOnlyList<PlacedEntry> _entries;
    private readonly HashSet<string> _whole;
    private readonly IReadOnlyList<EvidenceTree> _ended;
    private LedgerState _state;
    private int _log;
    private int _next;

    internal EvidenceReplay(EvidenceBundle bundle)
    {
        _bundle = bundle;
        _entries = bundle.InLogOrder();
        _whole = bundle.Chains.Select(chain => chain.Subject).ToHashSet(StringComparer.Ordinal);
        _ended = bundle.Predecessors();
        _state = new LedgerState(_ended.Count > 0 ? _ended[0].Origin : bundle.Origin) { IsExcerpt = true };
    }

    /// <summary>Why the rules refused an entry; null while they have not.</summary>
    internal Rejection? Rejection { get; private set; }

    /// <summary>The log's own chain, after what was replayed.</summary>
    internal LogState? Log => _state.Chain(_state.LogChain) as LogState;

    /// <summary>How many quantities there are: of lines given and taken by the whole chains, and of what those chains held to give.</summary>
    internal int Quantities => Stocks.Count() + Lines(given: true).Count();

    /// <summary>How many of them this bundle does not show.</summary>
    internal int WithheldQuantities => Stocks.Count(stock => stock.Total is null) + Lines(given: true).Count(line => line?.Quantity is null);

    /// <summary>Lines taken by the whole chains.</summary>
    internal int Taken => Lines(given: false).Count();

    /// <summary>Those of them whose giver's whole chain is here.</summary>
    internal int TakenFromWhole => Lines(given: false).Count(line => line is not null && _whole.Contains(line.Giver));

    /// <summary>Those of them whose giving entry is not here.</summary>
    internal int UnseenGivers => Lines(given: false).Count(line => line is null);

    /// <summary>Referenced entries that are not here.</summary>
    internal int UnseenReferences => _bundle.Chains.SelectMany(chain => chain.Entries).SelectMany(placed => placed.Entry.References).Count(reference => _state.Entry(reference.Entry) is null);

    /// <summary>Answers <see cref="KeyResolver"/>.</summary>
    internal VerifyingKey? KeyFor(string keyId, long index, SignedThing thing, out Fault? fault)
    {
        while (Rejection is null && _next < _entries.Count && EvidenceBundle.PositionOf(_entries[_next], _ended) < index)
        {
            SucceedUpTo(EvidenceBundle.PositionOf(_entries[_next], _ended));
            Admit(_entries[_next++]);
        }

        SucceedUpTo(index);

        if (Rejection is not null)
        {
            fault = new Fault(Rejection.Failure, Rejection.Detail);
            return null;
        }

        if (Log is null)
        {
            return DeclaredByOpening(out fault);
        }

        var owner = Names.OperatorOf(keyId);
        var keys = owner == _state.LogOperator ? Log.Keys : (_state.Chain(owner) as OperatorState)?.Keys;
        if (keys?.Find(keyId) is not { } key)
        {
            fault = new Fault(Failure.KeyUnknown, _whole.Contains(owner)
                ? $"{keyId} was not added at a lower index."
                : $"{keyId} is not known: the bundle does not hold the chain of {owner}.");
            return null;
        }

        if (!key.IsValidAt(index - (_log < _ended.Count ? _ended[_log].First : 0)))
        {
            fault = new Fault(Failure.KeyRevoked, string.Create(CultureInfo.InvariantCulture, $"{keyId} was revoked by entry {key.RevokedAt}."));
            return null;
        }

        if (thing == SignedThing.Head != (key.Use == KeyUse.Head))
        {
            fault = new Fault(Failure.KeyForbidden, $"{keyId} is no key for this: its use is {KebabCase.Of(key.Use.ToString())}.");
            return null;
        }

        return VerifyingKey.FromX(key.X, out fault);
    }

    /// <summary>Indexes of the subject's entries that stand under a key reported as compromised from there on.</summary>
    internal IReadOnlyList<ulong> Disputed() => [.. _bundle.Chains[0].Entries
        .Where(placed => KeysOf(placed.Entry.Issuer) is { } ring && ring.Find(placed.Entry.KeyId) is { } key && ring.IsDisputedAt(key, EvidenceBundle.PositionOf(placed, _ended), Log!.Keys))
        .Select(placed => placed.Index)];

    private KeyRing? KeysOf(string issuer) => (_state.Chain(issuer) as OperatorState)?.Keys ?? Log?.Keys;

    private IEnumerable<StockState> Stocks => _bundle.Chains.Select(chain => _state.Chain(chain.Subject)).OfType<StockState>();

    // The lines that whole chains took and, where asked, gave; null for one whose giving entry is not here.
    private IEnumerable<GivenLine?> Lines(bool given) => _bundle.Chains.SelectMany(chain => chain.Entries)
        .SelectMany(placed => placed.Entry.Taken.Select(taken => (taken.Entry, taken.Line))
            .Concat(given ? Enumerable.Range(0, placed.Entry.Given.Count).Select(line => (Entry: placed.Entry.LeafHash, Line: line)) : []))
        .Distinct()
        .Select(line => _state.Line(line.Entry, line.Line));

    private VerifyingKey? DeclaredByOpening(out Fault? fault)
    {
        // Nothing of the log was admitted yet, so the question is about its first entry: only the log's opening, at index 0, brings its own key.
        var first = _entries[Math.Min(_next, _entries.Count - 1)];
        if (first.Index == 0 && first.Entry.Subject == _state.LogChain &&
            Candidate.Read(first.Signed, out var refusal) is { Event: Opening.LogOpened opened })
        {
            return VerifyingKey.FromX(opened.Authority.Jwk.X, out fault);
        }

        fault = new Fault(Failure.BundleIncomplete, "The bundle does not begin with the entry of index 0 that opened the log.");
        return null;
    }

    // From one log into the next, where what is asked stands there.
    private void SucceedUpTo(long index)
    {
        for (; Rejection is null && _log < _ended.Count && index >= _ended[_log].First + (long)_ended[_log].Size; _log++)
        {
            var ended = _ended[_log];
            _state.SkipTo((long)ended.Size);
            _state.TakeChanges();
            _state = _state.Succeed(_log + 1 < _ended.Count ? _ended[_log + 1].Origin : _bundle.Origin, ended.Root);
        }
    }

    private void Admit(PlacedEntry placed)
    {
        var entry = placed.Entry;
        if (Candidate.Read(placed.Signed, out var refusal) is not { } candidate)
        {
            Rejection = Refused.At(placed.Index, entry, refusal!);
            return;
        }

        _state.SkipTo((long)placed.Index);
        Rejection = (_whole.Contains(entry.Subject) ? Admission.Decide(_state, candidate) : Admission.Cite(_state, candidate)) switch
        {
            Decision.Refused refused => Refused.At(placed.Index, entry, refused.Refusal),
            Decision.Repeated repeated => Refused.Repeated(placed.Index, entry, repeated.Index),
            _ => null,
        };
    }
}

using System.Globalization;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Opening;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Lifecycle;

/// <summary>
/// The one decision whether an entry joins the log, in order: retry, id, key, suspension, chain, rights, references, lines taken, the event's own rules, lines given.
/// The producer asks it before sending, the sequencer under its lock, the auditor over the whole log.
/// </summary>
public static class Admission
{
    /// <summary>Decides one candidate at the state's next index; only an admission changes the state.</summary>
    public static Decision Decide(LedgerState state, Candidate candidate)
    {
        var entry = candidate.Signed.Entry;
        if (state.Entry(entry.LeafHash) is { } known)
        {
            return new Decision.Repeated(known.Index);
        }

        RegisteredKey? key = null;
        var refusal = CheckLog(state, candidate) ?? CheckKey(state, candidate, out key) ?? CheckSuspension(state, candidate);
        if (refusal is not null)
        {
            return new Decision.Refused(refusal);
        }

        var now = new Situation(state, candidate.Signed, key ?? SignerOf(state, candidate)!);
        refusal = CheckChain(state, candidate, now) ?? CheckRights(state, candidate, now);
        if (refusal is not null)
        {
            return new Decision.Refused(refusal);
        }

        refusal = CheckOrder(candidate, now)
            ?? CheckReferences(candidate, now)
            ?? LineExchange.Take(candidate, now)
            ?? candidate.Event.Check(now);
        if (refusal is not null)
        {
            return new Decision.Refused(refusal) { MayWrite = true };
        }

        var after = candidate.Event.Apply(now);
        refusal = LineExchange.Give(candidate, ref after, now) ?? LineExchange.CheckKept(after);
        if (refusal is not null)
        {
            return new Decision.Refused(refusal) { MayWrite = true };
        }

        var index = state.Size;
        state.Admit(candidate, after, now);
        return new Decision.Admitted(index);
    }

    /// <summary>
    /// Takes a single entry into an excerpt that does not hold its chain: log, id, key, signature and suspension are decided as ever; rights and order, which need the
    /// chain, are not. What it gave can be redeemed by later entries; in which unit stays unknown.
    /// </summary>
    /// <exception cref="ArgumentException">The state is no excerpt, or holds the entry's chain.</exception>
    public static Decision Cite(LedgerState state, Candidate candidate)
    {
        var signed = candidate.Signed;
        var entry = signed.Entry;
        if (!state.IsExcerpt || state.Chain(entry.Subject) is not null)
        {
            throw new ArgumentException("Only an excerpt cites, and only entries of chains that it does not hold.", nameof(state));
        }

        if (state.Entry(entry.LeafHash) is { } known)
        {
            return new Decision.Repeated(known.Index);
        }

        if ((CheckLog(state, candidate) ?? CheckKey(state, candidate, out _) ?? CheckSuspension(state, candidate)) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        for (var i = 0; i < entry.Given.Count; i++)
        {
            state.Load(entry.LeafHash, i, new GivenLine(entry.Subject, entry.Given[i], Unit: null, LineExchange.QuantityOf(signed, i)) { Purpose = candidate.Event.Purpose });
        }

        var index = state.Size;
        state.Cite(entry);
        return new Decision.Admitted(index);
    }

    private static Refusal? CheckLog(LedgerState state, Candidate candidate)
    {
        var entry = candidate.Signed.Entry;
        if (entry.Origin != state.Origin)
        {
            return new Refusal(RefusalCode.LogForeign, $"aud is {entry.Origin}; this log is {state.Origin}. An entry for one log is no entry for another.");
        }

        return state.IsUsed(candidate.EntryKey)
            ? new Refusal(RefusalCode.IdReused, "This key has used this jti for another entry. A retry sends the same bytes; a new statement gets a new jti.")
            : null;
    }

    private static Refusal? CheckKey(LedgerState state, Candidate candidate, out RegisteredKey? key)
    {
        var entry = candidate.Signed.Entry;
        key = null;
        if (state.Size == 0 || state.Chain(state.LogChain) is null)
        {
            return CheckOpening(state, candidate);
        }

        if (SignerOf(state, candidate) is not { } signer)
        {
            return state.Chain(entry.Issuer) is OperatorState || entry.Issuer == state.LogOperator
                ? new Refusal(RefusalCode.KeyUnknown, $"{entry.KeyId} is not a registered key of this operator. Add it by key-added.v1 first.")
                : new Refusal(RefusalCode.OperatorUnknown, $"{entry.Issuer} is not enrolled in this log. Ask the log's authority for enrolment.");
        }

        if (state.Chain(entry.Issuer) is OperatorState owner && owner.Keys.RestsOnDisputed(signer, ((LogState)state.Chain(state.LogChain)!).Keys))
        {
            return new Refusal(RefusalCode.KeyRevoked, $"{entry.KeyId} was added under a key of the log that a stranger had then. Ask the log's authority for a new one.");
        }

        if (!signer.IsValidAt(state.Size))
        {
            return new Refusal(RefusalCode.KeyRevoked, string.Create(CultureInfo.InvariantCulture, $"{entry.KeyId} was revoked by entry {signer.RevokedAt}. Sign with a key that is good."));
        }

        var isKeyEvent = candidate.Event is KeyAdded or KeyRevoked or KeyCompromised;
        if (signer.Use is KeyUse.Head or KeyUse.Log || (signer.Use == KeyUse.Recovery && !isKeyEvent))
        {
            return new Refusal(RefusalCode.KeyUseWrong, $"A {KebabCase.Of(signer.Use.ToString())} key does not sign {entry.Event}.");
        }

        key = signer;
        return candidate.VerifiedWith == signer.X || candidate.VerifyWith(VerifyingKey.FromX(signer.X, out _)!)
            ? null
            : new Refusal(RefusalCode.SignatureInvalid, $"The signature is not by {entry.KeyId}.");
    }

    // The opening brings its own keys, so its signature is checked against the key it declares; whether that key may open the log is the event's rule.
    private static Refusal? CheckOpening(LedgerState state, Candidate candidate)
    {
        if (candidate.Event is not LogOpened opened)
        {
            return new Refusal(RefusalCode.LogNotOpen, "The log has no entry yet. Its first is log-opened.v1, signed by its authority.");
        }

        if (state.Opening is { } expected && opened.Authority.Jwk.X != expected.AuthorityX)
        {
            return new Refusal(RefusalCode.AuthorityForeign, "The opening names another authority key than the one this service was configured with (Ledger__Authority).");
        }

        return VerifyingKey.FromX(opened.Authority.Jwk.X, out _) is { } key && candidate.VerifyWith(key)
            ? null
            : new Refusal(RefusalCode.SignatureInvalid, "log-opened.v1 is signed by the authority key that it declares.");
    }

    // Only its own keys may a suspended operator end: a stolen one does harm until it is reported. Whoever stops an operator and names a successor wants that one to act.
    private static Refusal? CheckSuspension(LedgerState state, Candidate candidate)
    {
        var entry = candidate.Signed.Entry;
        if (Suspended(state, entry.Issuer) is not null && !(candidate.Event is KeyRevoked or KeyCompromised && entry.Subject == entry.Issuer))
        {
            return new Refusal(RefusalCode.OperatorSuspended, $"{entry.Issuer} is suspended and says nothing but that its own keys end. Why stands on its chain; the log's authority reinstates it.");
        }

        return entry.Principal is { } principal && Suspended(state, principal) is { } stopped && !IsSuccessor(stopped, candidate)
            ? new Refusal(RefusalCode.OperatorSuspended, $"{principal}, for whom this is signed, is suspended: until the log's authority reinstates it, only a successor that the authority named speaks for it.")
            : null;
    }

    private static OperatorState? Suspended(LedgerState state, string did) => state.Chain(did) is OperatorState { Suspended: true } stopped ? stopped : null;

    // Whoever the authority named in place of an operator needs no delegation of it.
    private static bool IsSuccessor(OperatorState principal, Candidate candidate) =>
        candidate.Type.MayBeDelegated && principal.Successions.Any(s => s.Successor == candidate.Signed.Entry.Issuer && s.Chains?.Contains(candidate.Signed.Entry.Subject) != false);

    private static RegisteredKey? SignerOf(LedgerState state, Candidate candidate)
    {
        var entry = candidate.Signed.Entry;
        var logChain = state.LogChain;
        var keys = entry.Issuer == state.LogOperator ? (state.Chain(logChain) as LogState)?.Keys : (state.Chain(entry.Issuer) as OperatorState)?.Keys;
        return keys?.Find(entry.KeyId) ?? (candidate.Event is LogOpened opened && state.Chain(logChain) is null
            ? new RegisteredKey { KeyId = entry.KeyId, Use = KeyUse.Authority, X = opened.Authority.Jwk.X, AddedAt = -1, AddedBy = entry.KeyId }
            : null);
    }

    private static Refusal? CheckChain(LedgerState state, Candidate candidate, Situation now)
    {
        var entry = now.Entry;
        var type = candidate.Type;
        if (now.Chain is null)
        {
            if (type.Standing == Standing.Continues)
            {
                return new Refusal(RefusalCode.ChainUnknown, $"{entry.Subject} has no entry yet; {type.Name} follows others.");
            }

            return IsNameOf(type.Chains[0], entry, state)
                ? null
                : new Refusal(RefusalCode.SubjectMalformed, $"{StrictText.Printable(entry.Subject)} is not a name for a {KebabCase.Of(type.Chains[0].ToString())} chain. Each kind has one form, for instance a GTIN with its right check digit and a serial in upper case.");
        }

        if (type.Standing == Standing.Opens)
        {
            return candidate.Event is LogOpened
                ? new Refusal(RefusalCode.LogAlreadyOpen, "The log is open already.")
                : new Refusal(RefusalCode.ChainExists, $"{entry.Subject} is open already; {type.Name} is a chain's first entry.");
        }

        if (now.Chain.Kind == ChainKind.Log && entry.Subject != state.LogChain)
        {
            return new Refusal(RefusalCode.LogForeign, $"{entry.Subject} is the chain of a predecessor's own keys and ended with that log. What is to be said of them stands on {state.LogChain}.");
        }

        return type.Chains.Contains(now.Chain.Kind)
            ? null
            : new Refusal(RefusalCode.ChainKindWrong, $"{type.Name} does not stand on a {KebabCase.Of(now.Chain.Kind.ToString())} chain.");
    }

    private static bool IsNameOf(ChainKind kind, Entry entry, LedgerState state) => kind switch
    {
        ChainKind.Log => entry.Subject == state.LogChain,
        ChainKind.Operator => Names.IsOperator(entry.Subject) && entry.Subject != state.LogOperator && !IsPredecessor(entry.Subject, state),
        ChainKind.Grants => entry.Subject.EndsWith(Names.GrantsSuffix, StringComparison.Ordinal) && state.Chain(entry.Subject[..^Names.GrantsSuffix.Length]) is OperatorState,
        ChainKind.Lot => Gs1.IsLot(entry.Subject),
        ChainKind.Component => Gs1.IsLot(entry.Subject) || Gs1.IsItem(entry.Subject),
        ChainKind.Battery => Gs1.IsItem(entry.Subject),
        _ => Gs1.IsUuid(entry.Subject),
    };

    private static Refusal? CheckRights(LedgerState state, Candidate candidate, Situation now)
    {
        var entry = now.Entry;
        var type = candidate.Type;
        if (entry.Principal is { } principal)
        {
            if (state.Chain(principal) is not OperatorState owner)
            {
                return new Refusal(RefusalCode.OperatorUnknown, $"{principal}, for whom this is signed, is not enrolled in this log.");
            }

            if (!IsSuccessor(owner, candidate) && (state.Chain(Names.GrantsChain(principal)) as GrantsState)?.Allows(entry.Issuer, type.Name, entry.Subject) != true)
            {
                return new Refusal(RefusalCode.DelegationMissing, $"{principal} has not delegated {type.Name} on this chain to {entry.Issuer}.");
            }
        }

        Refusal? best = null;
        foreach (var right in type.Rights)
        {
            var (relation, role) = right.Test(now);
            if (relation && role)
            {
                return CheckIdentifier(state, now);
            }

            var code = relation ? RefusalCode.RoleMissing : right.Relation switch
            {
                Relation.Authority => RefusalCode.AuthorityRequired,
                Relation.LogKey => RefusalCode.AuthorityRequired,
                Relation.Observer or Relation.Founder => RefusalCode.RoleMissing,
                _ => RefusalCode.KeeperRequired,
            };
            if (best is null || relation)
            {
                best = new Refusal(code, $"{entry.Actor} may not say {type.Name} here. Who may: {string.Join("; ", type.Rights)}.");
            }
        }

        return best;
    }

    private static Refusal? CheckIdentifier(LedgerState state, Situation now)
    {
        if (now.Chain is not null || Gs1.Granted(now.Entry.Subject) is not { } identifier)
        {
            return null;
        }

        return (state.Chain(Names.GrantsChain(now.Entry.Actor)) as GrantsState)?.Covers(identifier.Scheme, identifier.Value) == true
            ? null
            : new Refusal(RefusalCode.IdentifierNotGranted, $"{now.Entry.Actor} holds no {identifier.Scheme} prefix that covers {now.Entry.Subject}. Ask the log's authority for identifier-granted.v1.");
    }

    // The log's ring holds the keys of all logs before it.
    private static bool IsPredecessor(string did, LedgerState state) => ((LogState)state.Chain(state.LogChain)!).Keys.All.Any(k => Names.OperatorOf(k.KeyId) == did);

    // After the rights, so that only who may write here learns where a closed chain stands.
    private static Refusal? CheckOrder(Candidate candidate, Situation now)
    {
        var entry = now.Entry;
        var (sequence, previous) = now.Chain is { } chain ? (chain.Sequence + 1, chain.Head) : (0, Digest.Zero);
        if (entry.Sequence == sequence && entry.Previous == previous)
        {
            return null;
        }

        if (now.Chain is null)
        {
            return new Refusal(RefusalCode.ChainUnknown, $"{entry.Subject} has no entry yet; its first has seq 0.");
        }

        return new Refusal(RefusalCode.ChainMoved, string.Create(CultureInfo.InvariantCulture, $"{candidate.Type.Name} was made for seq {entry.Sequence}; the next is {sequence}. Take the head given here, sign again, send again."))
        {
            Head = new ChainHead(entry.Subject, now.Chain.Sequence, now.Chain.Head),
        };
    }

    private static Refusal? CheckReferences(Candidate candidate, Situation now)
    {
        if (now.Entry.References.Count == 0)
        {
            return null;
        }

        var kinds = new HashSet<ChainKind>();
        foreach (var reference in now.Entry.References)
        {
            var (fact, chain) = (now.Referenced(reference.Entry), now.Other(reference.Subject));
            if (now.IsExcerpt && chain is null && (fact is null || fact.Value.Subject == reference.Subject))
            {
                continue;
            }

            if (fact is null || fact.Value.Subject != reference.Subject || chain is null)
            {
                return new Refusal(RefusalCode.ReferenceUnresolved, $"ref {reference.Entry} is no entry of {StrictText.Printable(reference.Subject)} at a lower index.");
            }

            if (!kinds.Add(chain.Kind) && !candidate.Event.MayReferenceMany)
            {
                return new Refusal(RefusalCode.ReferenceAmbiguous, $"{candidate.Type.Name} references two entries of {KebabCase.Of(chain.Kind.ToString())} chains; one is allowed.");
            }
        }

        return null;
    }
}

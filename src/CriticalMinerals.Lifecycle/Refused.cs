using System.Globalization;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle;

/// <summary>What a refusal means for an entry that a log holds already: it must never have been admitted.</summary>
internal static class Refused
{
    /// <summary>The rejection of an entry at an index by a rule.</summary>
    internal static Rejection At(ulong index, Entry entry, Refusal refusal)
    {
        var rejection = new Rejection(FailureOf(refusal, entry), refusal.Detail) { Rule = refusal.Code.ToCode() }.At(index, entry);
        return refusal.Head is { } head
            ? rejection with
            {
                Expected = string.Create(CultureInfo.InvariantCulture, $"seq {head.Sequence + 1}, prv {head.Hash}"),
                Found = string.Create(CultureInfo.InvariantCulture, $"seq {entry.Sequence}, prv {entry.Previous}"),
            }
            : rejection;
    }

    /// <summary>The rejection of an entry that stands in the log twice.</summary>
    internal static Rejection Repeated(ulong index, Entry entry, long first) =>
        new Rejection(Failure.EntryRepeated, string.Create(CultureInfo.InvariantCulture, $"The entry stands at index {first} already; an entry stands in a log once."))
        {
            Expected = "an entry that the log does not hold yet",
            Found = string.Create(CultureInfo.InvariantCulture, $"the bytes of entry {first}"),
        }.At(index, entry);

    private static Failure FailureOf(Refusal refusal, Entry entry) => refusal.Code switch
    {
        RefusalCode.LogForeign => Failure.LogForeign,
        RefusalCode.KeyUnknown or RefusalCode.OperatorUnknown => Failure.KeyUnknown,
        RefusalCode.KeyRevoked => Failure.KeyRevoked,
        RefusalCode.SignatureInvalid => Failure.SignatureInvalid,
        RefusalCode.ChainMoved => refusal.Head is { } head && entry.Sequence == head.Sequence + 1 ? Failure.ChainLink : Failure.ChainSequence,
        RefusalCode.ChainUnknown => entry.Sequence > 0 ? Failure.ChainSequence : Failure.RuleRefused,
        RefusalCode.ReferenceUnresolved => Failure.ReferenceUnresolved,
        RefusalCode.PredecessorMissing => Failure.PredecessorMissing,
        RefusalCode.PredecessorForeign => Failure.PredecessorForeign,
        _ => Failure.RuleRefused,
    };
}

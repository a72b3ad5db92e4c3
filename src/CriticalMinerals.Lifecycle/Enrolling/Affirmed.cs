using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>
/// The owner of a key that a stranger had says, under a good key, which of the entries signed with it are its own after all: they are disputed no more.
/// </summary>
[Description("Entries under a compromised key are affirmed by its owner, but for those excepted.")]
public sealed record Affirmed : LifecycleEvent
{
    [Structural("The compromised key in full.")]
    [Text(MaximumLength = 265)]
    [Example("did:web:mine.example#2026")]
    public required string Kid { get; init; }

    [Structural("First log index affirmed; below 0 in a predecessor, whose last entry has -1.")]
    [Example("10")]
    public required long From { get; init; }

    [Structural("Last log index affirmed.")]
    public required long To { get; init; }

    [Structural("Indexes between them that are not affirmed.")]
    [Example("11")]
    public IReadOnlyList<long>? Except { get; init; }

    public override Refusal? Check(Situation now) =>
        !now.IsExcerpt && (Except ?? []).Append(From).Min() < now.First ? new Refusal(RefusalCode.DataInvalid, $"Indexes begin at {now.First}.") :
        KeyChain.KeysOf(now).Find(Kid) is not { } key ? new Refusal(RefusalCode.KeyUnknown, $"{StrictText.Printable(Kid)} is not a key of this chain.") :
        key.DisputedFrom is null ? new Refusal(RefusalCode.AlreadySo, $"{Kid} is not reported as compromised: its entries need no affirmation.") :
        From > To || To >= now.Index ? new Refusal(RefusalCode.DataInvalid, "from is not after to, and to lies below this entry's own index.") :
        now.Key.Use is not (KeyUse.Operator or KeyUse.Authority) || KeyChain.OwnerOf(now) != now.Entry.Issuer
            ? new Refusal(RefusalCode.KeeperRequired, "Entries are affirmed by their owner under a good key of its own; those of the log by an authority key.")
            : null;

    public override ChainState Apply(Situation now) => KeyChain.With(now, KeyChain.KeysOf(now).Affirmed(Kid, new AffirmedRange(From, To, Except ?? [])));
}

using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>
/// A stranger had a key from some index on: it is revoked, and so in turn are the keys it added from there on. Their entries from there on are disputed:
/// still folded, marked everywhere, until affirmed or corrected.
/// </summary>
[Description("A stranger had a key from some index on: it ends, with the keys it added, and their entries from there on are disputed.")]
public sealed record KeyCompromised : LifecycleEvent
{
    [Structural("The key in full.")]
    [Text(MaximumLength = 265)]
    [Example("did:web:mine.example#2026")]
    public required string Kid { get; init; }

    [Structural("First log index whose entries by this key are disputed; below 0 in a predecessor, whose last entry has -1.")]
    public required long FromIndex { get; init; }

    public override Refusal? Check(Situation now)
    {
        if (KeyChain.KeysOf(now).Find(Kid) is not { } key)
        {
            return new Refusal(RefusalCode.KeyUnknown, $"{StrictText.Printable(Kid)} is not a key of this chain.");
        }

        if ((FromIndex < now.First && !now.IsExcerpt) || FromIndex > now.Index)
        {
            return new Refusal(RefusalCode.DataInvalid, $"fromIndex lies between {now.First} and this entry's own index.");
        }

        if (now.Key.KeyId == Kid)
        {
            return new Refusal(RefusalCode.KeyUseWrong, "A compromised key does not sign its own report: sign with another key of the operator, or ask the authority.");
        }

        if (key.DisputedFrom <= FromIndex)
        {
            return new Refusal(RefusalCode.AlreadySo, $"{Kid} is reported as compromised from that index or earlier.");
        }

        return KeyChain.CheckSigner(now, key.Use);
    }

    public override ChainState Apply(Situation now) => KeyChain.With(now, KeyChain.KeysOf(now).Compromised(Kid, FromIndex, now.Index));
}

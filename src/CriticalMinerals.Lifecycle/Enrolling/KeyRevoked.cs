using System.ComponentModel;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>A key ends: what it signed below this index stays good, at a higher index it signs nothing.</summary>
[Description("A key ends: it signs nothing at a higher index.")]
public sealed record KeyRevoked : LifecycleEvent
{
    [Structural("The key in full.")]
    [Text(MaximumLength = 265)]
    [Example("did:web:mine.example#2026")]
    public required string Kid { get; init; }

    [Informative("Why.")]
    public required RevocationReason Reason { get; init; }

    public override Refusal? Check(Situation now) =>
        KeyChain.KeysOf(now).Find(Kid) is not { } key ? new Refusal(RefusalCode.KeyUnknown, $"{StrictText.Printable(Kid)} is not a key of this chain.") :
        key.RevokedAt is not null ? new Refusal(RefusalCode.AlreadySo, $"{Kid} is revoked already.") :
        KeyChain.CheckSigner(now, key.Use);

    public override ChainState Apply(Situation now) => KeyChain.With(now, KeyChain.KeysOf(now).Revoked(Kid, now.Index));
}

/// <summary>Why a key ended.</summary>
public enum RevocationReason
{
    Superseded,
    Retired,
    Lost,
}

using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Enrolling;

/// <summary>A further key: an operator's rotation, signed by an earlier key of it or by the authority, or a new key of the log.</summary>
[Description("A further key of an operator or of the log.")]
public sealed record KeyAdded : LifecycleEvent
{
    [Structural("The key in full: operator, #, key name. Never used before.")]
    [Text(MaximumLength = 265, Pattern = "^did:web:[!-~]+#[A-Za-z0-9_-]{1,64}$")]
    [Example("did:web:mine.example#2026")]
    public required string Kid { get; init; }

    [Structural("What it may sign: operator on an operator's chain; authority, recovery, head or log on the log's.")]
    public required KeyUse Use { get; init; }

    [Structural("The public key.")]
    public required JsonWebKey Jwk { get; init; }

    [Structural("Signature by the new key over cm-key/v1, origin, operator, kid, use and x, each on a line of its own; base64url.")]
    [Text(Pattern = "^[A-Za-z0-9_-]{86}$")]
    [Example("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")]
    public required string Proof { get; init; }

    private KeyDeclaration Declaration => new() { Kid = Kid, Jwk = Jwk, Proof = Proof };

    public override void Need(Needs needs, Entry entry) => needs.Claims.Add(ClaimName.PublicKey(Jwk.X));

    public override Refusal? Check(Situation now)
    {
        if (now.Chain is LogState == (Use == KeyUse.Operator))
        {
            return new Refusal(RefusalCode.KeyUseWrong, "use is operator on an operator's chain; authority, recovery, head or log on the log's.");
        }

        if (KeyChain.KeysOf(now).Find(Kid) is not null)
        {
            return new Refusal(RefusalCode.KeyReused, $"{Kid} was used before. A key name is never used twice, also after revocation.");
        }

        return KeyChain.CheckSigner(now, Use) ?? Declaration.Check(KeyChain.OwnerOf(now), Use, now);
    }

    public override ChainState Apply(Situation now)
    {
        now.Claim(ClaimName.PublicKey(Jwk.X), Kid);
        return KeyChain.With(now, KeyChain.KeysOf(now).With(Declaration.Register(Use, now)));
    }
}

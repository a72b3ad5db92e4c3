using System.ComponentModel;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Lifecycle.Opening;

/// <summary>A log begins: its first entry, signed by its authority, names the four keys of the log. Everything else rests on it.</summary>
[Description("A log begins and names its authority, recovery, head and log keys.")]
public sealed record LogOpened : LifecycleEvent
{
    [Structural("The log's origin, equal to aud.")]
    [Text(MaximumLength = 150)]
    [Example("ledger.example.com/log/2026")]
    public required string Origin { get; init; }

    [Structural("The authority key: enrols operators, grants roles and identifiers. It signs this entry.")]
    public required KeyDeclaration Authority { get; init; }

    [Structural("The recovery key: adds and revokes authority and recovery keys and signs nothing else.")]
    public required KeyDeclaration Recovery { get; init; }

    [Structural("The head key: signs head statements.")]
    public required KeyDeclaration Head { get; init; }

    [Structural("The log key: signs checkpoints.")]
    public required KeyDeclaration Log { get; init; }

    [Structural("The log that this one goes on from, as its last checkpoint stood: every chain goes on here, and in that log no more.")]
    public Predecessor? After { get; init; }

    private IEnumerable<(KeyDeclaration Key, KeyUse Use)> Keys =>
        [(Authority, KeyUse.Authority), (Recovery, KeyUse.Recovery), (Head, KeyUse.Head), (Log, KeyUse.Log)];

    public override void Need(Needs needs, Entry entry)
    {
        needs.Claims.UnionWith(Keys.Select(k => ClaimName.PublicKey(k.Key.Jwk.X)));
        if (After is not null)
        {
            needs.Chains.Add(Names.LogChain(After.Origin));
        }
    }

    public override Refusal? Check(Situation now)
    {
        if (Origin != now.Entry.Origin || now.Entry.Issuer != Names.LogOperator(Origin))
        {
            return new Refusal(RefusalCode.DataInvalid, $"origin equals aud, and iss is the log's own DID, {Names.LogOperator(now.Entry.Origin)}.");
        }

        if (now.Entry.KeyId != Authority.Kid)
        {
            return new Refusal(RefusalCode.AuthorityRequired, "log-opened.v1 is signed by the authority key that it declares.");
        }

        if (Keys.Select(k => k.Key.Kid).Distinct(StringComparer.Ordinal).Count() != 4 || Keys.Select(k => k.Key.Jwk.X).Distinct(StringComparer.Ordinal).Count() != 4)
        {
            return new Refusal(RefusalCode.KeyReused, "The four keys of a log have four names and four values: keys never share uses.");
        }

        if (CheckPredecessor(now) is { } refusal)
        {
            return refusal;
        }

        if (now.Opening is { } expected && (Head.Jwk.X != expected.HeadX || Log.Jwk.X != expected.LogX))
        {
            return new Refusal(RefusalCode.LogKeyForeign, "The opening names a log or head key that this service does not hold (keys/log.pem, keys/head.pem in its data folder).");
        }

        return Keys.Select(k => k.Key.Check(now.Entry.Issuer, k.Use, now)).FirstOrDefault(r => r is not null);
    }

    public override ChainState Apply(Situation now)
    {
        foreach (var (key, _) in Keys)
        {
            now.Claim(ClaimName.PublicKey(key.Jwk.X), key.Kid);
        }

        return new LogState
        {
            Subject = now.Entry.Subject,
            Opener = now.Entry.Issuer,
            Keys = new KeyRing([.. Inherited(now), .. Keys.Select(k => k.Key.Register(k.Use, now))]),
        };
    }

    // An excerpt cannot tell: whoever made it says under which tree its older entries stand.
    private Refusal? CheckPredecessor(Situation now)
    {
        if (now.IsExcerpt || After == now.Predecessor)
        {
            return now.Other(now.Entry.Issuer) is null ? null : new Refusal(RefusalCode.DataInvalid, $"{now.Entry.Issuer} is an operator of the predecessor: the log needs another origin.");
        }

        return now.Predecessor is not { } ended
            ? new Refusal(RefusalCode.PredecessorMissing, $"This log goes on from {StrictText.Printable(After!.Origin)}, size {After.Size}, whose entries are not here: whoever reads it needs them first. A log that begins by itself leaves out after.")
            : new Refusal(RefusalCode.PredecessorForeign, $"This log goes on from {ended.Origin}, size {ended.Size}, root {ended.Root}: its opening names exactly this in after.");
    }

    private IReadOnlyList<RegisteredKey> Inherited(Situation now) => After is null ? [] : (now.Other(Names.LogChain(After.Origin)) as LogState)?.Keys.Ended(now.Index).All ?? [];
}

/// <summary>A log that ended, as its last checkpoint stood.</summary>
public sealed record Predecessor
{
    [Description("Its origin.")]
    [Text(MaximumLength = 150)]
    [Example("ledger.example.com/log/2025")]
    public required string Origin { get; init; }

    [Description("Its size, at least 1: so many of its entries go on.")]
    public required long Size { get; init; }

    [Description("Its root hash, base64url.")]
    [Example("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [Text(Pattern = "^[A-Za-z0-9_-]{43}$")]
    public required string Root { get; init; }
}

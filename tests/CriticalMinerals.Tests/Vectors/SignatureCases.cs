using System.Numerics;
using System.Text;
using CriticalMinerals.Ledger;
using CriticalMinerals.Tests.Ledger;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Signatures that some verifiers of Ed25519 take and others do not (RFC 8032 leaves it open; section 2 of the format does not).</summary>
internal static class SignatureCases
{
    private static readonly string Input = $"{RawEntry.Encode(RawEntry.Header)}.{RawEntry.Encode(RawEntry.Payload())}";
    private static readonly byte[] Message = Encoding.ASCII.GetBytes(Input);
    private static readonly byte[] Seed = EvidenceWorld.Secret("mine");
    private static readonly byte[] PublicKey = EvidenceWorld.Key("mine").VerifyingKey.ToArray();
    private static readonly byte[] Sound = EvidenceWorld.Key("mine").Sign(Message);

    public static IEnumerable<VectorCase> All()
    {
        var invalid = new Expected("signature", "signature-invalid");
        yield return Case("signature-flipped", invalid, "One bit of the signature is another.\nNobody signed that.", Flipped());
        yield return Case("signature-zero", invalid, "The signature is of zeros.\nA check that was left out would not notice.", new byte[64]);
        yield return Case("signature-of-another", invalid, "Another key signed, under this one's kid.\nAnybody could speak for the mine.", EvidenceWorld.Key("thief").Sign(Message));
        yield return EntryCases.Case("signature-of-other-payload", invalid, "The payload was changed after it was signed: another mineral's lot.\nWho ships a signature with another statement makes the signer say it.",
            $"{RawEntry.Encode(RawEntry.Header)}.{RawEntry.Encode(RawEntry.PayloadWith("lot-extracted.v1", "lot-refined.v1"))}.{StrictBase64Url.Encode(Sound)}");
        yield return Case("signature-malleable", invalid, "The order of the group was added to S, which gives the same point.\nOne statement with two leaf hashes, the second made without the key.", Malleable());
        yield return Case("signature-small-order-r", invalid, "R is the identity: the signer chose no nonce.\nLibraries disagree whether that is a signature; its private key can be read off two of them.", WithoutNonce());
        yield return Case("signature-cofactored", invalid, "R has a part of order 8, which vanishes when the equation is multiplied by 8.\nVerifiers with the cofactor take it, those without do not.", Cofactored());

        var forbidden = new Expected("keys", "key-forbidden");
        yield return EntryCases.Case("key-of-order-eight", forbidden, "The public key is a point of order 8, under which one signature in eight holds for nothing signed.\nAnybody makes such signatures, for any text.", $"{Input}.{StrictBase64Url.Encode(Anybody(EdwardsPoint.OrderEight.Encode()))}", StrictBase64Url.Encode(EdwardsPoint.OrderEight.Encode()));
        var identity = EdwardsPoint.Encode(BigInteger.Pow(2, 255) - 18, odd: false);
        yield return EntryCases.Case("key-not-canonical", forbidden, "The public key's y is p + 1, a second text of the identity, under which R = S B holds for every text.\nA check that compares with the eight canonical points does not see it.", $"{Input}.{StrictBase64Url.Encode(Anybody(identity))}", StrictBase64Url.Encode(identity));
    }

    private static VectorCase Case(string name, Expected expect, string attack, byte[] signature) =>
        EntryCases.Case(name, expect, attack, $"{Input}.{StrictBase64Url.Encode(signature)}");

    private static byte[] Flipped()
    {
        var signature = (byte[])Sound.Clone();
        signature[0] ^= 1;
        return signature;
    }

    private static byte[] Malleable() => [.. Sound[..32], .. EdwardsPoint.Scalar(EdwardsPoint.Little(Sound.AsSpan(32)) + EdwardsPoint.Order)];

    private static byte[] WithoutNonce()
    {
        var r = EdwardsPoint.Identity.Encode();
        return [.. r, .. EdwardsPoint.Scalar(EdwardsPoint.Challenge(r, PublicKey, Message) * EdwardsPoint.Secret(Seed) % EdwardsPoint.Order)];
    }

    private static byte[] Cofactored()
    {
        var nonce = EdwardsPoint.Little(EvidenceWorld.Secret("nonce")) % EdwardsPoint.Order;
        var r = EdwardsPoint.Base.Times(nonce).Plus(EdwardsPoint.OrderEight).Encode();
        return [.. r, .. EdwardsPoint.Scalar((nonce + (EdwardsPoint.Challenge(r, PublicKey, Message) * EdwardsPoint.Secret(Seed))) % EdwardsPoint.Order)];
    }

    /// <summary>A signature under a key of small order, which needs no secret: R = S B, with S such that the key's part vanishes.</summary>
    internal static byte[] Anybody(byte[] publicKey, byte[]? message = null)
    {
        for (BigInteger s = 1; ; s++)
        {
            var r = EdwardsPoint.Base.Times(s).Encode();
            if ((EdwardsPoint.Challenge(r, publicKey, message ?? Message) % 8).IsZero)
            {
                return [.. r, .. EdwardsPoint.Scalar(s)];
            }
        }
    }
}

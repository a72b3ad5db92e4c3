using System.Numerics;
using System.Security.Cryptography;

namespace CriticalMinerals.Tests.Vectors;

/// <summary>Arithmetic on edwards25519 (RFC 8032 section 5.1), as an attacker needs it: signatures that lax verifiers take. Slow, and never for secrets.</summary>
internal readonly record struct EdwardsPoint(BigInteger X, BigInteger Y)
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));

    /// <summary>Order of the base point.</summary>
    public static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    public static readonly EdwardsPoint Identity = new(0, 1);

    public static readonly EdwardsPoint Base = Decode(Mod(4 * Inverse(5)), odd: false);

    /// <summary>A point of order 8.</summary>
    public static readonly EdwardsPoint OrderEight = Decode(Little(Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")), odd: false);

    public byte[] Encode() => Encode(Y, !X.IsEven);

    public static byte[] Encode(BigInteger y, bool odd)
    {
        var bytes = Scalar(y);
        bytes[31] |= (byte)(odd ? 0x80 : 0);
        return bytes;
    }

    public EdwardsPoint Plus(EdwardsPoint other)
    {
        var dxy = Mod(D * X * other.X * Y * other.Y);
        return new EdwardsPoint(Mod(((X * other.Y) + (Y * other.X)) * Inverse(1 + dxy)), Mod(((Y * other.Y) + (X * other.X)) * Inverse(1 - dxy)));
    }

    public EdwardsPoint Times(BigInteger factor)
    {
        var (result, doubled) = (Identity, this);
        for (; factor > 0; factor >>= 1, doubled = doubled.Plus(doubled))
        {
            result = factor.IsEven ? result : result.Plus(doubled);
        }

        return result;
    }

    /// <summary>The secret factor behind a private key.</summary>
    public static BigInteger Secret(byte[] seed)
    {
        var half = SHA512.HashData(seed)[..32];
        half[0] &= 248;
        half[31] = (byte)((half[31] & 127) | 64);
        return Little(half);
    }

    /// <summary>The factor k of RFC 8032 section 5.1.7, by which the public key is multiplied.</summary>
    public static BigInteger Challenge(byte[] r, byte[] publicKey, byte[] message) => Little(SHA512.HashData([.. r, .. publicKey, .. message])) % Order;

    public static BigInteger Little(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    /// <summary>32 bytes, the lowest first.</summary>
    public static byte[] Scalar(BigInteger value)
    {
        var bytes = new byte[32];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }

    private static EdwardsPoint Decode(BigInteger y, bool odd)
    {
        var xx = Mod((BigInteger.Pow(y, 2) - 1) * Inverse((D * BigInteger.Pow(y, 2)) + 1));
        var x = BigInteger.ModPow(xx, (P + 3) / 8, P);
        x = Mod(x * x) == xx ? x : Mod(x * BigInteger.ModPow(2, (P - 1) / 4, P));
        return new EdwardsPoint(x.IsEven != odd ? x : P - x, y);
    }

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);
}

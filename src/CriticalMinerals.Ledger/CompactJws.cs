using System.Text;

namespace CriticalMinerals.Ledger;

/// <summary>JWS compact serialization (RFC 7515 section 7.1): what entries and head statements have in common when they are made.</summary>
internal static class CompactJws
{
    internal static string Sign(string header, string payload, Func<byte[], byte[]> signer)
    {
        var input = $"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header))}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{StrictBase64Url.Encode(signer(Encoding.ASCII.GetBytes(input)))}";
    }
}

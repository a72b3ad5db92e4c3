using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CriticalMinerals.Ledger;

/// <summary>JWS compact serialization (RFC 7515 section 7.1): what entries, head statements and caller tokens have in common when they are made.</summary>
internal static class CompactJws
{
    /// <summary>Base64url wraps the text anyway: escaping for HTML would only cost bytes.</summary>
    internal static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Sign(string header, string payload, Func<byte[], byte[]> signer)
    {
        var input = $"{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header))}.{StrictBase64Url.Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{StrictBase64Url.Encode(signer(Encoding.ASCII.GetBytes(input)))}";
    }
}

using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace CriticalMinerals.Service.Stamping;

/// <summary>
/// Asks one time stamping authority (RFC 3161, over HTTP as in its section 3.4) and believes nothing it says before it is checked: the right hash and nonce,
/// the authority's signature, a certificate for time stamping. Whose certificate it is, auditors decide.
/// </summary>
/// <param name="authority">Its address.</param>
public sealed class TimeStampAuthority(Uri authority) : IDisposable
{
    /// <summary>Longest answer read, in bytes (64 KiB): a token with its certificates has a few thousand.</summary>
    public const int MaximumLength = 64 * 1024;

    private const int NonceLength = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience, MaxResponseContentBufferSize = MaximumLength };

    /// <summary>A checked token over these bytes.</summary>
    /// <returns>The token (RFC 3161 section 2.4.2, DER), the time it states, and null; or why there is none.</returns>
    public async Task<(byte[]? Token, DateTimeOffset Time, string? Why)> StampAsync(byte[] bytes, CancellationToken cancel)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var request = Rfc3161TimestampRequest.CreateFromData(bytes, HashAlgorithmName.SHA256, nonce: nonce, requestSignerCertificates: true);
        try
        {
            using var body = new ByteArrayContent(request.Encode());
            body.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
            using var answer = await _http.PostAsync(authority, body, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                return (null, default, $"it answered {(int)answer.StatusCode}");
            }

            var token = request.ProcessResponse(await answer.Content.ReadAsByteArrayAsync(cancel), out _).AsSignedCms().Encode();

            // What is kept is read again as everybody will read it.
            return Rfc3161TimestampToken.TryDecode(token, out var read, out var length) && length == token.Length && read.VerifySignatureForData(bytes, out _)
                ? (token, read.TokenInfo.Timestamp, null)
                : (null, default, "its token does not verify");
        }
        catch (Exception e) when (e is HttpRequestException or CryptographicException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return (null, default, e.Message);
        }
    }

    public void Dispose() => _http.Dispose();
}

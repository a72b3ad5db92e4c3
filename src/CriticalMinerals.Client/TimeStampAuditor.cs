using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CriticalMinerals.Ledger;

namespace CriticalMinerals.Client;

/// <summary>
/// Checks the time stamps (RFC 3161) that a log keeps of its checkpoints, after an audit of the log: that each checkpoint is the log's and begins what was
/// audited, and that an authority whom the auditor trusts says since when it has existed.
/// </summary>
/// <param name="files">The log.</param>
/// <param name="authorities">Certificates that the authority's certificate must lead to, known by another way than from the log.</param>
public sealed class TimeStampAuditor(LogFiles files, X509Certificate2Collection authorities)
{
    /// <summary>Longest token read, in bytes (64 KiB).</summary>
    public const int MaximumToken = 64 * 1024;

    /// <summary>Path of the list of what was stamped.</summary>
    internal const string ListPath = "timestamps/index.json";

    private const int MaximumList = 16 * 1024 * 1024;
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>Checks every stamp of a log that an audit verified; none when the log keeps none.</summary>
    /// <exception cref="LedgerApiException">The log cannot be read, or its list of stamps is none.</exception>
    public async Task<IReadOnlyList<StampedCheckpoint>> AuditAsync(AuditReport report, CancellationToken cancellation = default)
    {
        var stamps = new List<StampedCheckpoint>();
        var checkpoint = new Checkpoint(report.Origin, report.Size, report.Root);
        foreach (var size in (await ListAsync(files, cancellation)).Select(stamp => stamp.Size).Distinct())
        {
            stamps.Add(await CheckAsync(size, report, checkpoint, cancellation));
        }

        return stamps;
    }

    /// <summary>
    /// Null when the token says that these bytes existed at <paramref name="time"/>, signed under a certificate for time stamping that was valid then and leads
    /// to one of the authorities. Whether a certificate was revoked is not asked. Never throws for anything that the token's author controls.
    /// </summary>
    /// <param name="token">RFC 3161 section 2.4.2, DER.</param>
    /// <param name="bytes">What it must be over.</param>
    /// <param name="authorities">Whom to trust.</param>
    /// <param name="time">By the authority's clock.</param>
    /// <param name="authority">The name in its certificate.</param>
    public static Fault? Verify(ReadOnlyMemory<byte> token, ReadOnlySpan<byte> bytes, X509Certificate2Collection authorities, out DateTimeOffset time, out string? authority)
    {
        (time, authority) = (default, null);
        try
        {
            if (token.Length > MaximumToken)
            {
                return new Fault(Failure.TooLarge, $"A time stamp has at most {MaximumToken} bytes.");
            }

            // A token under a certificate that cannot be right is not even taken apart.
            if (!Rfc3161TimestampToken.TryDecode(token, out var read, out var length))
            {
                return IsToken(token) ? Invalid() : Malformed();
            }

            if (length != token.Length)
            {
                return Malformed();
            }

            if (read.TokenInfo.HashAlgorithmId.Value != "2.16.840.1.101.3.4.2.1" || !read.TokenInfo.GetMessageHash().Span.SequenceEqual(SHA256.HashData(bytes)))
            {
                return new Fault(Failure.TimestampMismatch, "The time stamp is over something else than this checkpoint.");
            }

            var isSigned = read.VerifySignatureForData(bytes, out var certificate);
            using var signer = certificate;
            if (!isSigned || signer is null)
            {
                return Invalid();
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.ExtraStore.AddRange(read.AsSignedCms().Certificates);
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = read.TokenInfo.Timestamp.UtcDateTime;
            if (!chain.Build(signer))
            {
                return new Fault(Failure.TimestampInvalid, $"The time stamp's certificate does not lead to the authority given: {string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())}.");
            }

            (time, authority) = (read.TokenInfo.Timestamp, signer.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
            return null;
        }
        catch (CryptographicException)
        {
            return Malformed();
        }
    }

    private static bool IsToken(ReadOnlyMemory<byte> token)
    {
        var cms = new SignedCms();
        cms.Decode(token.Span);
        return cms.ContentInfo.ContentType.Value == "1.2.840.113549.1.9.16.1.4";
    }

    private static Fault Malformed() => new(Failure.TimestampMalformed, "The time stamp is no token of RFC 3161.");

    private static Fault Invalid() => new(Failure.TimestampInvalid, "The time stamp's signature does not verify, or its certificate is not the one it names, is not for time stamping, or was not valid then.");

    private async Task<StampedCheckpoint> CheckAsync(ulong size, AuditReport report, Checkpoint audited, CancellationToken cancellation)
    {
        var paths = PathsOf(size);
        if (await files.ReadAsync(paths.Checkpoint, SignedNote.MaxLength, cancellation) is not { } noteBytes || await files.ReadAsync(paths.Token, MaximumToken, cancellation) is not { } token)
        {
            return new StampedCheckpoint(size, default, null, new Fault(Failure.TimestampMalformed, $"{paths.Checkpoint} or {paths.Token} is missing, which the list names."));
        }

        if (SignedNote.Parse(noteBytes, out var fault) is not { } note || note.Verify(report.Keys, out fault) is not { } verified || Checkpoint.From(verified, out fault) is not { } checkpoint)
        {
            return new StampedCheckpoint(size, default, null, fault);
        }

        if (checkpoint.Origin != audited.Origin || checkpoint.Size != size)
        {
            return new StampedCheckpoint(size, default, null, new Fault(Failure.LogForeign, "The stamped checkpoint is of another log or another size."));
        }

        if (size > audited.Size)
        {
            return new StampedCheckpoint(size, default, null, new Fault(Failure.ConsistencyUnproven, string.Create(CultureInfo.InvariantCulture, $"The log has {Counted.Entries(audited.Size)} and had {size} when it was stamped: entries are gone.")));
        }

        if (size > 0)
        {
            var (_, root, unproven) = await new LogEvidence(files, audited).PrefixAsync(size, cancellation);
            if (unproven is not null || root != checkpoint.Root)
            {
                return new StampedCheckpoint(size, default, null, unproven ?? new Fault(Failure.ConsistencyUnproven, $"The stamped checkpoint has root {checkpoint.Root} and the log has {root} there: it signed two histories."));
            }
        }

        fault = Verify(token, Encoding.UTF8.GetBytes(note.Text), authorities, out var time, out var authority);
        return new StampedCheckpoint(size, time, authority, fault);
    }

    /// <summary>The sizes that a log says were stamped, each with what the list says of it.</summary>
    /// <exception cref="LedgerApiException">The log cannot be read, or its list is none.</exception>
    internal static async Task<IReadOnlyList<(ulong Size, JsonElement Said)>> ListAsync(LogFiles files, CancellationToken cancellation)
    {
        if (await files.ReadAsync(ListPath, MaximumList, cancellation) is not { } bytes)
        {
            return [];
        }

        if (StrictJson.Parse(bytes, out _) is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("timestamps", out var list) || list.ValueKind != JsonValueKind.Array ||
            list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetUInt64(out _)))
        {
            throw LedgerApiException.Unsound($"{ListPath} is no list of time stamps: each has a size.");
        }

        return [.. list.EnumerateArray().Select(item => (item.GetProperty("size").GetUInt64(), item))];
    }

    /// <summary>Paths of the stamped checkpoint and of the token over it.</summary>
    internal static (string Checkpoint, string Token) PathsOf(ulong size) =>
        (string.Create(CultureInfo.InvariantCulture, $"timestamps/{size}/checkpoint"), string.Create(CultureInfo.InvariantCulture, $"timestamps/{size}/token"));
}

/// <summary>What a time stamp of a checkpoint is worth.</summary>
/// <param name="Size">Entries under the checkpoint.</param>
/// <param name="Time">Since when, by the authority's clock, they have existed; only without a fault.</param>
/// <param name="Authority">The name in the authority's certificate.</param>
/// <param name="Fault">Why it says nothing; null when it does.</param>
public sealed record StampedCheckpoint(ulong Size, DateTimeOffset Time, string? Authority, Fault? Fault);

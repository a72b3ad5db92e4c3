using System.ComponentModel;
using System.Diagnostics;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace CriticalMinerals.Tests.Client;

/// <summary>A time stamping authority on this machine, answered by OpenSSL; and tokens that no honest one makes, put together by hand.</summary>
public sealed class LocalAuthority : IDisposable
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cm-tsa-");
    private readonly RSA _rootKey = RSA.Create(2048);
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _signer;

    public LocalAuthority(string usage = TimeStamping, bool isExpired = false)
    {
        var now = DateTimeOffset.UtcNow;
        var root = new CertificateRequest("CN=Time Root", _rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Root = root.CreateSelfSigned(now.AddYears(-1), now.AddYears(1));
        var request = new CertificateRequest("CN=Time Authority", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        using var certificate = request.Create(Root, isExpired ? now.AddMonths(-2) : now.AddDays(-1), isExpired ? now.AddMonths(-1) : now.AddDays(1), [1, 2, 3]);
        _signer = certificate.CopyWithPrivateKey(_key);
        File.WriteAllText(At("signer.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(At("key.pem"), _key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(RootFile, Root.ExportCertificatePem());
        File.WriteAllText(At("serial"), "01\n");
        File.WriteAllText(At("tsa.cnf"), $"[tsa1]\nserial = {At("serial")}\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256, sha512\ness_cert_id_alg = sha256\n");
    }

    /// <summary>What its certificate leads to.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>That certificate as PEM.</summary>
    public string RootFile => At("root.pem");

    /// <summary>Answers a query as OpenSSL does; the test is skipped where it is not installed.</summary>
    public byte[] Reply(byte[] query)
    {
        var (asked, answered) = (At(Path.GetRandomFileName()), At(Path.GetRandomFileName()));
        File.WriteAllBytes(asked, query);
        try
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", ["ts", "-reply", "-config", At("tsa.cnf"), "-section", "tsa1", "-queryfile", asked, "-signer", At("signer.pem"), "-inkey", At("key.pem"), "-out", answered])
            {
                RedirectStandardError = true,
            })!;
            var said = openssl.StandardError.ReadToEnd();
            openssl.WaitForExit();
            Assert.True(openssl.ExitCode == 0, said);
        }
        catch (Win32Exception missing)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("REQUIRE_TOOLS") != "1", "openssl (Debian: openssl) is not installed: " + missing.Message);
            throw;
        }

        return File.ReadAllBytes(answered);
    }

    /// <summary>OpenSSL's token over these bytes, as it stands in the reply (RFC 3161 section 2.4.2), good or not.</summary>
    public byte[] Stamp(byte[] bytes)
    {
        var request = Rfc3161TimestampRequest.CreateFromData(bytes, HashAlgorithmName.SHA256, nonce: RandomNumberGenerator.GetBytes(8), requestSignerCertificates: true);
        var reply = new AsnReader(Reply(request.Encode()), AsnEncodingRules.DER).ReadSequence();
        reply.ReadSequence();
        return reply.ReadEncodedValue().ToArray();
    }

    /// <summary>A token by hand (RFC 3161 section 2.4.2), whatever the certificate is for.</summary>
    public byte[] Forge(byte[] bytes)
    {
        var info = new AsnWriter(AsnEncodingRules.DER);
        using (info.PushSequence())
        {
            info.WriteInteger(1);
            info.WriteObjectIdentifier("1.2.3.4.1");
            using (info.PushSequence())
            {
                using (info.PushSequence())
                {
                    info.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
                }

                info.WriteOctetString(SHA256.HashData(bytes));
            }

            info.WriteInteger(7);
            info.WriteGeneralizedTime(DateTimeOffset.UtcNow, omitFractionalSeconds: true);
        }

        var certificate = new AsnWriter(AsnEncodingRules.DER);
        using (certificate.PushSequence())
        using (certificate.PushSequence())
        using (certificate.PushSequence())
        {
            certificate.WriteOctetString(SHA256.HashData(_signer.RawData));
        }

        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info.Encode()));
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, _signer) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), certificate.Encode()));
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    public void Dispose()
    {
        Root.Dispose();
        _signer.Dispose();
        _key.Dispose();
        _rootKey.Dispose();
        _folder.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Testing;

/// <summary>
/// A certificate for this machine that is its own root, made anew; good for two days. For servers that are processes of their own: the fast
/// sink compiles this file as well, since it may not carry what the tests need.
/// </summary>
internal sealed class LoopbackCertificate
{
    private LoopbackCertificate(X509Certificate2 certificate, string file, string keyFile)
    {
        Certificate = certificate;
        File = file;
        KeyFile = keyFile;
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>What clients have to trust, as PEM.</summary>
    public string File { get; }

    /// <summary>The private key as PEM, for servers that are not .NET.</summary>
    public string KeyFile { get; }

    /// <summary>The name of <see cref="File"/> in its folder.</summary>
    public const string FileName = "loopback-ca.pem";

    /// <summary>Makes a certificate for <c>127.0.0.1</c> and <c>localhost</c>, and its two files.</summary>
    public static LoopbackCertificate Make(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=PushFanout on loopback", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (file, keyFile) = (Path.Combine(folder, FileName), Path.Combine(folder, "loopback-key.pem"));
        System.IO.File.WriteAllText(file, made.ExportCertificatePem());
        System.IO.File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        // A key that was only in memory is not taken by every platform's TLS; one that went through PKCS#12 is.
        return new LoopbackCertificate(X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null), file, keyFile);
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.ApnsSimulator;

/// <summary>A certificate authority of the simulator's own, so that clients can check certificates as they do with Apple.</summary>
public sealed class SimulatorAuthority : IDisposable
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);
    private readonly X509Certificate2 issuer; // with its private key
    private readonly TimeProvider time;

    private SimulatorAuthority(X509Certificate2 issuer, TimeProvider time)
    {
        this.issuer = issuer;
        this.time = time;
        Certificate = X509CertificateLoader.LoadCertificate(issuer.RawData);
    }

    /// <summary>The root that clients have to trust, without its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Makes an authority that lives in memory only.</summary>
    public static SimulatorAuthority Create(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=PushFanout APNs simulator authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        return new SimulatorAuthority(request.CreateSelfSigned(now - ClockTolerance, now.AddYears(10)), time);
    }

    /// <summary>Issues a server certificate, with its private key.</summary>
    /// <param name="hostNames">DNS names; 127.0.0.1, ::1 and names that are IP addresses are added as such.</param>
    /// <param name="notBefore">Null: since yesterday.</param>
    /// <param name="notAfter">Null: for a year.</param>
    public X509Certificate2 IssueServerCertificate(
        IEnumerable<string> hostNames, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        ArgumentNullException.ThrowIfNull(hostNames);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var name in hostNames)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(name);
            }
        }
        return Issue("CN=PushFanout APNs simulator", "1.3.6.1.5.5.7.3.1", names.Build(), notBefore, notAfter);
    }

    /// <summary>Issues a client certificate, with its private key, for <see cref="SimulatorOptions.ClientCertificates"/>.</summary>
    public X509Certificate2 IssueClientCertificate(string name) => Issue($"CN={name}", "1.3.6.1.5.5.7.3.2", null, null, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        issuer.Dispose();
        Certificate.Dispose();
    }

    /// <summary>Takes the authority that a folder holds, or makes one and leaves it there.</summary>
    internal static SimulatorAuthority Open(string certificateFile, string keyFile, TimeProvider time)
    {
        if (File.Exists(certificateFile) && File.Exists(keyFile))
        {
            var kept = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            if (kept.NotAfter.ToUniversalTime() > time.GetUtcNow().AddYears(1).UtcDateTime)
            {
                return new SimulatorAuthority(kept, time);
            }
            kept.Dispose();
        }
        var made = Create(time);
        using var key = made.issuer.GetECDsaPrivateKey()!;
        SecretFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, made.Certificate.ExportCertificatePem() + "\n");
        return made;
    }

    private X509Certificate2 Issue(string subject, string usage, X509Extension? names, DateTimeOffset? notBefore, DateTimeOffset? notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }
        var now = time.GetUtcNow();
        using var issued = request.Create(issuer, notBefore ?? now - ClockTolerance, notAfter ?? now.AddYears(1), RandomNumberGenerator.GetBytes(16));
        using var withKey = issued.CopyWithPrivateKey(key);
        // Through PKCS#12, because Windows cannot serve TLS with a key that lives in memory only.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns.Credentials;

namespace PushFanout.Apns;

/// <summary>An APNs client certificate (<c>.p12</c>): good for one app, and for the topics that it lists.</summary>
public sealed class ClientCertificate : ApnsCredential
{
    private readonly X509Certificate2Collection chain;

    private ClientCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        Certificate = certificate;
        this.chain = chain;
    }

    /// <summary>When APNs stops taking the certificate.</summary>
    public DateTimeOffset ExpiresAt => Certificate.NotAfter.ToUniversalTime();

    internal X509Certificate2 Certificate { get; }

    /// <summary>What the file holds beside the certificate, sent along in the handshake.</summary>
    internal X509Certificate2Collection Chain => chain;

    /// <summary>Reads and checks the certificate; never throws for what is in the file.</summary>
    /// <param name="certificateFile">The <c>.p12</c> file with certificate and private key, not readable by every user.</param>
    /// <param name="password">The file's password; null or empty when it has none.</param>
    /// <param name="clock">What decides whether it has expired; null means the machine's clock.</param>
    public static ApnsCredentialResult Load(string certificateFile, string? password, TimeProvider? clock = null)
    {
        var content = SecretFile.Read(certificateFile, out var fault);
        if (content is null)
        {
            return Refused(fault);
        }
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(content, password, KeyStorageFlags);
        }
        catch (CryptographicException)
        {
            return Refused("the file is not a PKCS#12 container, or the password is wrong");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey);
        if (own is null)
        {
            return Refused("the file has no certificate with a private key", all);
        }
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        if (own.NotAfter.ToUniversalTime() <= now)
        {
            return Refused($"the certificate expired on {own.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC", all);
        }
        if (own.NotBefore.ToUniversalTime() > now)
        {
            return Refused($"the certificate is valid only from {own.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC on", all);
        }
        all.Remove(own);
        return new ApnsCredentialResult(new ClientCertificate(own, all));

        ApnsCredentialResult Refused(string reason, X509Certificate2Collection? loaded = null)
        {
            DisposeAll(loaded ?? []);
            return new ApnsCredentialResult([new CredentialFault(certificateFile, reason)]);
        }
    }

    /// <summary>Names subject and expiry.</summary>
    public override string ToString() => $"client certificate {Certificate.Subject}, expires {ExpiresAt:yyyy-MM-dd}";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Certificate.Dispose();
        DisposeAll(chain);
    }

    // Windows cannot use an ephemeral key as a client certificate in TLS; elsewhere nothing is written to disk.
    private static X509KeyStorageFlags KeyStorageFlags =>
        OperatingSystem.IsWindows() ? X509KeyStorageFlags.DefaultKeySet
        : OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet
        : X509KeyStorageFlags.EphemeralKeySet;

    private static void DisposeAll(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}

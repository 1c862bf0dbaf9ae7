using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>An app with a certificate, which expires one day; an auth key does not.</summary>
internal static class AppCertificate
{
    public const string Topic = "com.example.tv";
    public const string App = "tv-ios";

    public static void Add(TestInstallation installation, string folder, TimeSpan left)
    {
        var file = Path.Combine(folder, "tv.p12");
        Write(file, left).Dispose();
        Configure(installation, file);
    }

    /// <summary>The app, with the certificate in this file.</summary>
    public static void Configure(TestInstallation installation, string file)
    {
        installation.Set("Credentials:tv:Kind", "p12");
        installation.Set("Credentials:tv:CertificateFile", file);
        installation.Set($"Apps:{App}:Topic", Topic);
        installation.Set($"Apps:{App}:Environment", "production");
        installation.Set($"Apps:{App}:Credential", "tv");
        installation.Set($"Apps:{App}:Shards", "16");
    }

    /// <summary>A new certificate with a key of its own.</summary>
    /// <returns>Its public half.</returns>
    public static X509Certificate2 Write(string file, TimeSpan left)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN=Apple Push Services: {Topic}, UID={Topic}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now + left);
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        return X509CertificateLoader.LoadCertificate(certificate.RawData);
    }
}

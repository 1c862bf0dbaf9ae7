using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>An app with a certificate, which expires one day; an auth key does not.</summary>
internal static class AppCertificate
{
    public static void Add(TestInstallation installation, string folder, TimeSpan left)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=Apple Push Services: com.example.tv, UID=com.example.tv", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now + left);
        var file = Path.Combine(folder, "tv.p12");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        installation.Set("Credentials:tv:Kind", "p12");
        installation.Set("Credentials:tv:CertificateFile", file);
        installation.Set("Apps:tv-ios:Topic", "com.example.tv");
        installation.Set("Apps:tv-ios:Environment", "production");
        installation.Set("Apps:tv-ios:Credential", "tv");
        installation.Set("Apps:tv-ios:Shards", "16");
    }
}

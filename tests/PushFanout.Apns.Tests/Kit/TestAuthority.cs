using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>A certificate authority of a test's own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 root;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        root = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
    }

    public X509Certificate2Collection Roots => [root];

    /// <param name="validFor">Counted from now; negative for one that has expired.</param>
    public X509Certificate2 Issue(string host, TimeSpan? validFor = null, TimeSpan? validIn = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(root, now + (validIn ?? TimeSpan.FromDays(-365)), now + (validFor ?? TimeSpan.FromDays(1)), Guid.NewGuid().ToByteArray());
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose() => root.Dispose();
}

using System.Security.Cryptography;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>A key that no APNs knows, for servers that look at none.</summary>
internal static class TestKey
{
    public static ProviderTokenKey New()
    {
        using var folder = new TemporaryFolder();
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (ProviderTokenKey)ProviderTokenKey.Load("TEAM123456", "KEY1234567", folder.Write("k.p8", signing.ExportPkcs8PrivateKeyPem())).Credential!;
    }
}

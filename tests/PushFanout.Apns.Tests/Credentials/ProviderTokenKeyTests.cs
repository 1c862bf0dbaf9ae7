using System.Security.Cryptography;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Credentials;

public sealed class ProviderTokenKeyTests : IDisposable
{
    private const string Team = "TEAM123456";
    private const string Key = "KEY1234567";
    private readonly TemporaryFolder folder = new();
    private readonly string goodPem;

    public ProviderTokenKeyTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        goodPem = key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_key_as_downloaded_from_Apple_is_taken()
    {
        var result = ProviderTokenKey.Load(Team, Key, folder.Write("AuthKey.p8", goodPem));

        Assert.True(result.IsUsable);
        Assert.Empty(result.Faults);
        Assert.Equal("provider token key KEY1234567 of team TEAM123456", result.Credential.ToString());
        result.Credential.Dispose();
    }

    [Fact]
    public void A_missing_file_is_refused() => Refused(folder.File("nowhere.p8"), "does not exist");

    [Fact]
    public void A_directory_is_refused() => Refused(Path.GetDirectoryName(folder.File("x"))!, "directory");

    [Fact]
    public void An_empty_file_is_refused() => Refused(folder.Write("k.p8", ""), "empty");

    [Fact]
    public void A_huge_file_is_refused() => Refused(folder.Write("k.p8", new byte[1_000_000]), "1000000 bytes");

    [Fact]
    public void What_is_not_PEM_is_refused() => Refused(folder.Write("k.p8", "hello canary"), "not PEM");

    [Fact]
    public void A_truncated_key_is_refused()
    {
        var lines = goodPem.Split('\n');
        Refused(folder.Write("k.p8", string.Join('\n', lines[0], lines[1], lines[^1])), "not an elliptic-curve private key");
    }

    [Fact]
    public void An_RSA_key_is_refused()
    {
        using var rsa = RSA.Create(2048);
        Refused(folder.Write("k.p8", rsa.ExportPkcs8PrivateKeyPem()), "not an elliptic-curve private key");
        Refused(folder.Write("k.p8", rsa.ExportRSAPrivateKeyPem()), "not a PKCS#8 private key");
    }

    [Fact]
    public void A_key_on_another_curve_is_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Refused(folder.Write("k.p8", p384.ExportPkcs8PrivateKeyPem()), "P-256");
    }

    [Fact]
    public void A_key_that_spells_its_curve_out_is_refused()
    {
        using var named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var spelledOut = ECDsa.Create(named.ExportExplicitParameters(includePrivateParameters: true));
        Refused(folder.Write("k.p8", spelledOut.ExportPkcs8PrivateKeyPem()), "spells its curve out");
    }

    [Fact]
    public void A_public_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(folder.Write("k.p8", key.ExportSubjectPublicKeyInfoPem()), "public key");
    }

    [Fact]
    public void An_encrypted_key_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportEncryptedPkcs8PrivateKeyPem("canary", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        Refused(folder.Write("k.p8", pem), "encrypted");
    }

    [Fact]
    public void A_file_that_everybody_can_read_is_refused_also_behind_a_link()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // has no such right
        }
        var path = folder.Write("k.p8", goodPem);
        var link = folder.File("link.p8");
        File.CreateSymbolicLink(link, path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Refused(path, "every user");
        Refused(link, "every user");

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.True(ProviderTokenKey.Load(Team, Key, link).IsUsable);
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var result = ProviderTokenKey.Load("SHORT", "KEY-123456", folder.File("nowhere.p8"));

        Assert.False(result.IsUsable);
        Assert.Equal(3, result.Faults.Count);
        Assert.Contains(result.Faults, fault => fault.Reason.Contains("team id", StringComparison.Ordinal));
        Assert.Contains(result.Faults, fault => fault.Reason.Contains("key id", StringComparison.Ordinal));
    }

    private void Refused(string path, string because)
    {
        var result = ProviderTokenKey.Load(Team, Key, path);

        Assert.False(result.IsUsable);
        var fault = Assert.Single(result.Faults);
        Assert.Equal(path, fault.Path);
        Assert.Contains(because, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(goodPem.Split('\n')[1], fault.ToString(), StringComparison.Ordinal);
    }
}

using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Credentials;

public sealed class ClientCertificateTests : IDisposable
{
    private const string Password = "canary-password";
    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_push_with_a_certificate_carries_no_provider_token_and_is_accepted()
    {
        using var certificate = authority.Issue("com.example.shop");
        var path = folder.Write("push.p12", certificate.Export(X509ContentType.Pkcs12, Password));
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions
        {
            ClientCertificates = [new SimulatorClientCertificate(X509CertificateLoader.LoadCertificate(certificate.RawData), ["com.example.shop"])],
        });
        using var credential = ClientCertificate.Load(path, Password).Credential!;
        await using var client = apns.NewClient(credential: credential);

        var answer = await client.SendAsync();

        Assert.Equal(Answer.Accepted, answer.Answer);
    }

    [Fact]
    public void An_expired_certificate_is_refused()
    {
        using var certificate = authority.Issue("com.example.shop", validFor: TimeSpan.FromDays(-1));
        Refused(folder.Write("push.p12", certificate.Export(X509ContentType.Pkcs12, Password)), Password, "expired");
    }

    [Fact]
    public void A_certificate_of_tomorrow_is_refused()
    {
        using var certificate = authority.Issue("com.example.shop", validFor: TimeSpan.FromDays(9), validIn: TimeSpan.FromDays(1));
        Refused(folder.Write("push.p12", certificate.Export(X509ContentType.Pkcs12, Password)), Password, "valid only from");
    }

    [Fact]
    public void A_wrong_password_is_refused()
    {
        using var certificate = authority.Issue("com.example.shop");
        var path = folder.Write("push.p12", certificate.Export(X509ContentType.Pkcs12, Password));
        Refused(path, "canary-wrong", "password is wrong");
        Refused(path, null, "password is wrong");
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(authority.Issue("com.example.shop").RawData);
        Refused(folder.Write("push.p12", certificate.Export(X509ContentType.Pkcs12, Password)), Password, "private key");
    }

    [Fact]
    public void What_is_no_container_is_refused()
    {
        Refused(folder.Write("push.p12", "canary"), Password, "not a PKCS#12");
        Refused(folder.File("nowhere.p12"), Password, "does not exist");
    }

    private static void Refused(string path, string? password, string because)
    {
        var result = ClientCertificate.Load(path, password);

        Assert.False(result.IsUsable);
        var fault = Assert.Single(result.Faults);
        Assert.Equal(path, fault.Path);
        Assert.Contains(because, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", fault.ToString(), StringComparison.Ordinal);
    }
}

using System.Security.Cryptography;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Connections;

public sealed class CredentialRefusalTests
{
    [Fact]
    public async Task With_a_key_that_APNs_does_not_know_pushes_go_out_one_at_a_time()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id, 400, """{"reason":"nothing that proves the credential"}"""));
        var client = server.NewClient(maxConnections: 4);

        var answers = await client.SendAsync(Pushes.Tokens(200));

        Assert.All(answers, answer => Assert.Equal(Answer.Rejected, answer.Answer));
        Assert.Equal(1, Assert.Single(server.Connections).MostOpen);
    }

    [Fact]
    public async Task A_wrong_key_is_a_refused_credential_not_a_wrong_push()
    {
        using var folder = new TemporaryFolder();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var apns = await SimulatedApns.StartAsync();
        var path = folder.Write("other.p8", other.ExportPkcs8PrivateKeyPem());
        using var wrong = ProviderTokenKey.Load("DEMOTEAM01", "OTHERKEY01", path).Credential!;
        await using var client = apns.NewClient(credential: wrong);

        var answers = await client.SendAsync(Pushes.Tokens(20));

        Assert.All(answers, answer => Assert.Equal((Answer.CredentialRefused, ApnsReason.InvalidProviderToken), (answer.Answer, answer.Reason)));
        Assert.Equal(1, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_key_that_is_revoked_in_the_middle_stops_the_crowd()
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.RemoveKey("DEMOKEY001");
        await client.SendAsync();

        Assert.Equal(1, client.Statistics.StreamLimit);
    }

    [Fact]
    public async Task Two_clients_of_one_key_show_APNs_one_token()
    {
        var seen = new HashSet<ProviderTokenValue>(ReferenceEqualityComparer.Instance);
        await using var apns = await SimulatedApns.StartAsync(new SimulatorOptions { ProviderTokenUpdateInterval = TimeSpan.FromHours(1) });
        var key = (ProviderTokenKey)apns.Credential;
        foreach (var client in new[] { apns.NewClient(), apns.NewClient(), apns.NewClient() })
        {
            Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
            seen.Add(key.Token.Get());
        }
        Assert.Single(seen);
    }
}

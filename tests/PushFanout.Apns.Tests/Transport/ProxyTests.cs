using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Transport;

public sealed class ProxyTests
{
    [Fact]
    public async Task Pushes_go_through_a_proxy_that_knows_us()
    {
        await using var apns = await SimulatedApns.StartAsync();
        await using var proxy = new RawProxy();
        await using var client = NewClient(apns, new ApnsProxy { Address = proxy.Address, User = "me", Password = "secret:word" });

        var answers = await client.SendAsync(Pushes.Tokens(50));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.StartsWith($"CONNECT localhost:{apns.Simulator.Endpoint.Port} HTTP/1.1\r\nHost: localhost:{apns.Simulator.Endpoint.Port}\r\n", proxy.Request, StringComparison.Ordinal);
        Assert.Contains("\r\nProxy-Authorization: Basic bWU6c2VjcmV0OndvcmQ=\r\n", proxy.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_does_not_ask_is_told_nothing()
    {
        await using var apns = await SimulatedApns.StartAsync();
        await using var proxy = new RawProxy();
        await using var client = NewClient(apns, new ApnsProxy { Address = proxy.Address });

        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.DoesNotContain("Authorization", proxy.Request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", "refused (407)")]
    [InlineData("2x0 OK\r\n\r\n", "does not speak HTTP")]
    [InlineData("200 OK\r\n\r\nand more", "more than its answer")]
    [InlineData("500", "closed the connection")]
    public async Task A_proxy_that_leads_nowhere_is_named_and_no_push_is_lost(string said, string because)
    {
        await using var apns = await SimulatedApns.StartAsync();
        await using var proxy = new RawProxy(said);
        await using var client = NewClient(apns, new ApnsProxy { Address = proxy.Address, User = "me", Password = "canary" }, startTimeout: 1);

        var answer = await client.SendAsync();

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotConnected), (answer.Answer, answer.Reason));
        await PushFanout.Testing.Eventually.TrueAsync(() => client.Statistics.LastConnectError is not null, TimeSpan.FromSeconds(60), "an attempt that failed");
        Assert.Contains(because, client.Statistics.LastConnectError, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", client.Statistics.LastConnectError, StringComparison.Ordinal);
    }

    private static ApnsClient NewClient(SimulatedApns apns, ApnsProxy proxy, double startTimeout = 10) => new(apns.Credential, new ApnsClientOptions
    {
        Environment = ApnsEnvironment.Production,
        EndpointOverride = apns.Simulator.Endpoint,
        TrustedRoots = apns.Simulator.TrustedRoots,
        StartTimeout = TimeSpan.FromSeconds(startTimeout),
        Proxy = proxy,
    });
}

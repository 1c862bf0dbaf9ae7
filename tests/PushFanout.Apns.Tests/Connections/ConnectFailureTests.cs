using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Connections;

/// <summary>A server that we must not talk to, or cannot: nothing is written, and the operator reads why.</summary>
public sealed class ConnectFailureTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task An_untrusted_server_gets_no_push_and_few_connections()
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient(maxConnections: 8, startTimeout: 2.5, trustedRoots: authority.Roots);

        var answers = await client.SendAsync(Pushes.Tokens(500));

        Assert.All(answers, answer => Assert.Equal((Answer.Unprocessed, ApnsReason.NotConnected), (answer.Answer, answer.Reason)));
        await FailedAsync(client);
        // An attempt may still be under way, and is counted a moment before it is told.
        await Eventually.TrueAsync(() => client.Statistics.ConnectFailures == apns.Events.Count, Eventually.Patience, "each failure told");
        Assert.InRange(client.Statistics.ConnectFailures, 1, 3);
        Assert.All(apns.Events, happened => Assert.Contains("not trusted", happened.Detail, StringComparison.Ordinal));
        Assert.Contains("not trusted", client.Statistics.LastConnectError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_certificate_has_expired_is_refused()
    {
        using var expired = authority.Issue("localhost", validFor: TimeSpan.FromDays(-1));
        await RefusedAsync(new SimulatorOptions { ServerCertificate = expired }, "NotTimeValid");
    }

    [Fact]
    public async Task A_server_with_the_certificate_of_another_host_is_refused()
    {
        using var other = authority.Issue("api.example.com");
        await RefusedAsync(new SimulatorOptions { ServerCertificate = other }, "another host");
    }

    [Fact]
    public async Task A_server_without_HTTP2_is_refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var certificate = authority.Issue("localhost");
        var serving = ServeHttp11Async();
        await using var client = NewClient(listener.LocalEndpoint);

        var answer = await client.SendAsync();

        Assert.Equal(ApnsReason.NotConnected, answer.Reason);
        await FailedAsync(client);
        Assert.Contains("HTTP/2", client.Statistics.LastConnectError, StringComparison.Ordinal);
        listener.Stop();
        await serving;

        async Task ServeHttp11Async()
        {
            try
            {
                while (true)
                {
                    using var socket = await listener.AcceptSocketAsync();
                    await using var stream = new SslStream(new NetworkStream(socket));
                    await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
                }
            }
            catch (SocketException)
            {
                // stopped
            }
        }
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_named_as_such()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = listener.LocalEndpoint;
        listener.Stop();
        await using var client = NewClient(endpoint);

        var answer = await client.SendAsync();

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotConnected), (answer.Answer, answer.Reason));
        await FailedAsync(client);
        Assert.Contains("ConnectionRefused", client.Statistics.LastConnectError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_disposed_while_it_connects_has_not_failed_to_connect()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = NewClient(listener.LocalEndpoint);
        var sending = client.SendAsync();
        using var silent = await listener.AcceptSocketAsync();

        await client.DisposeAsync();

        Assert.Equal(Answer.Unprocessed, (await sending).Answer);
        Assert.Equal((0, null), (client.Statistics.ConnectFailures, client.Statistics.LastConnectError));
    }

    [Fact]
    public async Task Making_a_client_connects_to_nothing()
    {
        await using var apns = await SimulatedApns.StartAsync();
        await using (apns.NewClient())
        {
        }
        Assert.Equal(0, apns.Simulator.Stats.ConnectionsTotal);
    }

    private async Task RefusedAsync(SimulatorOptions options, string because)
    {
        await using var apns = await SimulatedApns.StartAsync(options);
        var client = apns.NewClient(startTimeout: 0.5, trustedRoots: authority.Roots);

        var answer = await client.SendAsync();

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotConnected), (answer.Answer, answer.Reason));
        await FailedAsync(client);
        Assert.Contains(because, client.Statistics.LastConnectError, StringComparison.Ordinal);
        Assert.Equal(0, apns.Simulator.Stats.Answered);
    }

    /// <summary>On a busy machine the push may have come back before the attempt to connect has failed.</summary>
    private static Task FailedAsync(ApnsClient client) =>
        Eventually.TrueAsync(() => client.Statistics.LastConnectError is not null, Eventually.Patience, "an attempt that failed");

    private ApnsClient NewClient(EndPoint endpoint)
    {
        return new ApnsClient(TestKey.New(), new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Sandbox,
            EndpointOverride = new Uri($"https://localhost:{((IPEndPoint)endpoint).Port}"),
            TrustedRoots = authority.Roots,
            StartTimeout = TimeSpan.FromSeconds(1),
        });
    }
}

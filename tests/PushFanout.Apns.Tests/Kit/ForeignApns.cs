using System.Security.Cryptography.X509Certificates;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>Somebody else's HTTP/2 server in Apple's place, and a client of its own that pushes to it.</summary>
internal sealed class ForeignApns : IAsyncDisposable
{
    private readonly ProviderTokenKey key = TestKey.New();

    private ForeignApns(Http2Server server, int maxConnections)
    {
        Server = server;
        Client = new ApnsClient(key, new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Production,
            EndpointOverride = server.Endpoint,
            TrustedRoots = [X509CertificateLoader.LoadCertificateFromFile(server.AuthorityFile)],
            MaxConnections = maxConnections,
            MaxStreamsPerConnection = 1000,
            StartTimeout = TimeSpan.FromMinutes(1), // a busy machine is no fault of the server's
            AnswerTimeout = TimeSpan.FromMinutes(1),
        });
    }

    public Http2Server Server { get; }

    public ApnsClient Client { get; }

    public static async Task<ForeignApns> StartAsync(Task<Http2Server> starting, int maxConnections = 1) => new(await starting, maxConnections);

    /// <summary>Stops the server, so that its log is whole, and counts how often it had each of the <see cref="NumberedTokens"/>.</summary>
    public async Task<byte[]> CountAtServerAsync(int tokens)
    {
        await Client.DisposeAsync();
        await Server.StopAsync();
        return NumberedTokens.Count(Server.RequestedPaths(), tokens);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        key.Dispose();
        await Server.DisposeAsync();
    }
}

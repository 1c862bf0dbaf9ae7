using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>
/// An HTTP/2 server that knows nothing of pushes: a test says, frame by frame, what it does with each. It does not decode headers,
/// so it can also do what no decent server does.
/// </summary>
internal sealed class RawApns : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TestAuthority authority = new();
    private readonly SslServerAuthenticationOptions tls;
    private readonly Func<RawConnection, int, Task> onPush;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<ApnsClient> clients = [];
    private readonly ProviderTokenKey key = TestKey.New();
    private readonly Task accepting;

    /// <param name="onPush">Called when the whole request of a stream has come, one at a time per connection.</param>
    public RawApns(Func<RawConnection, int, Task> onPush, int streamLimit = 100, RawManners? manners = null)
    {
        this.onPush = onPush;
        Manners = manners ?? new RawManners();
        StreamLimit = streamLimit;
        tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = authority.Issue("localhost"),
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        };
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>What the first SETTINGS of a connection say.</summary>
    public int StreamLimit { get; set; }

    /// <summary>Of connections made from now on.</summary>
    public RawManners Manners { get; set; }

    public ConcurrentQueue<RawConnection> Connections { get; } = new();

    public ConcurrentQueue<ApnsConnectionEvent> Events { get; } = new();

    public ApnsClient NewClient(int maxConnections = 1, double answerTimeout = 10, double startTimeout = 10, int maxStreams = 500, int firstStreamId = 1, TimeProvider? clock = null, Action<ApnsConnectionEvent>? onEvent = null)
    {
        var client = new ApnsClient(key, new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Production,
            EndpointOverride = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"),
            TrustedRoots = authority.Roots,
            MaxConnections = maxConnections,
            MaxStreamsPerConnection = maxStreams,
            AnswerTimeout = TimeSpan.FromSeconds(answerTimeout),
            StartTimeout = TimeSpan.FromSeconds(startTimeout),
            OnConnectionEvent = onEvent ?? Events.Enqueue,
            FirstStreamId = firstStreamId,
        }, clock);
        clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        // Clients whose clock stands still would wait for answers for ever: after a test that failed the connections have to go first.
        var gone = Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        await Task.WhenAny(gone, Task.Delay(TimeSpan.FromSeconds(5)));
        await stopping.CancelAsync();
        await accepting;
        listener.Dispose();
        foreach (var connection in Connections)
        {
            await connection.DisposeAsync();
        }
        await gone.WaitAsync(TimeSpan.FromSeconds(60));
        key.Dispose();
        authority.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stopping.Token);
                socket.NoDelay = true; // else a second small frame waits for a late acknowledgement of the first
                var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
                if (await ShakesHandsAsync(stream))
                {
                    var connection = new RawConnection(stream, Manners, onPush);
                    Connections.Enqueue(connection);
                    connection.Start(StreamLimit);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    private async Task<bool> ShakesHandsAsync(SslStream stream)
    {
        try
        {
            await stream.AuthenticateAsServerAsync(tls, stopping.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            await stream.DisposeAsync(); // the client thought better of it
            return false;
        }
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>A server in this process that answers every push 200 at once and allocates nothing while it does, so that what is allocated is the client's.</summary>
internal sealed class QuietApns : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TestAuthority authority = new();
    private readonly Task serving;

    public QuietApns()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public ApnsClientOptions Options => new()
    {
        Environment = ApnsEnvironment.Production,
        EndpointOverride = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"),
        TrustedRoots = authority.Roots,
        MaxConnections = 1,
    };

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
        authority.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            using var socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = authority.Issue("localhost"),
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            });
            await stream.ReadExactlyAsync(new byte[24]);
            // SETTINGS without any, and a connection window that no test uses up.
            await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0 });
            await AnswerAsync(stream);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // the end of the client, or of the test
        }
    }

    private static async Task AnswerAsync(SslStream stream)
    {
        var received = new byte[64 * 1024];
        var answers = new byte[64 * 1024];
        for (var kept = 0; ;)
        {
            var read = await stream.ReadAsync(received.AsMemory(kept));
            if (read == 0)
            {
                return;
            }
            var length = Answer(received.AsSpan(0, kept + read), answers, out kept);
            await stream.WriteAsync(answers.AsMemory(0, length));
        }
    }

    private static int Answer(Span<byte> received, Span<byte> answers, out int kept)
    {
        var from = 0;
        var to = 0;
        for (int payload; received.Length - from >= 9 && received.Length - from >= 9 + (payload = (received[from] << 16) | (received[from + 1] << 8) | received[from + 2]); from += 9 + payload)
        {
            ReadOnlySpan<byte> head = (received[from + 3], received[from + 4]) switch
            {
                (0, 1) => [0, 0, 1, 1, 5, 0, 0, 0, 0, 0x88], // the end of a push: 200
                (4, 0) => [0, 0, 0, 4, 1, 0, 0, 0, 0],
                _ => [],
            };
            if (!head.IsEmpty)
            {
                head.CopyTo(answers[to..]);
                received.Slice(from + 5, 4).CopyTo(answers[(to + 5)..]);
                to += head.Length;
            }
        }
        received[from..].CopyTo(received);
        kept = received.Length - from;
        return to;
    }
}

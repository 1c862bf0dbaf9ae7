using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>
/// An APNs that reads only so many bytes of its first connection and writes only so many, and then closes it; later ones stay whole. It answers 410 to the body
/// <c>1</c> and 200 to any other of one byte, and notes which it has had.
/// </summary>
internal sealed class CutApns : IAsyncDisposable
{
    private const byte Data = 0, Settings = 4, EndStream = 1, Ack = 1;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly SslServerAuthenticationOptions tls;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task serving;
    private int mayRead;
    private int mayWrite;

    public CutApns(SslServerAuthenticationOptions tls, int mayRead, int mayWrite)
    {
        this.tls = tls;
        this.mayRead = mayRead;
        this.mayWrite = mayWrite;
        listener.Start();
        serving = ServeAsync();
    }

    public Uri Endpoint => new($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}");

    /// <summary>The bodies of all requests that came as a whole.</summary>
    public ConcurrentQueue<char> Received { get; } = new();

    /// <summary>How much has been read and written.</summary>
    public (int Read, int Written) Bytes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving;
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> open = [];
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stopping.Token);
                socket.NoDelay = true;
                open.Add(ConverseAsync(new SslStream(new NetworkStream(socket, ownsSocket: true))));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ConverseAsync(SslStream stream)
    {
        try
        {
            await stream.AuthenticateAsServerAsync(tls, stopping.Token);
            await ReadAsync(stream, 24); // the client's preface
            await WriteAsync(stream, [0, 0, 6, Settings, 0, 0, 0, 0, 0, /* MAX_CONCURRENT_STREAMS 100 */ 0, 3, 0, 0, 0, 100]);
            while (true)
            {
                var head = await ReadAsync(stream, 9);
                var payload = await ReadAsync(stream, (head[0] << 16) | (head[1] << 8) | head[2]);
                if (head[3] == Settings && (head[4] & Ack) == 0)
                {
                    await WriteAsync(stream, [0, 0, 0, Settings, Ack, 0, 0, 0, 0]);
                }
                else if (head[3] == Data && (head[4] & EndStream) != 0)
                {
                    Received.Enqueue((char)payload[0]);
                    await WriteAsync(stream, payload[0] == '1' ? Gone(head.AsSpan(5, 4)) : [0, 0, 1, 1, 5, .. head.AsSpan(5, 4), 0x88]);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            (mayRead, mayWrite) = (int.MaxValue, int.MaxValue); // cut, or the client closed it
        }
        catch (AuthenticationException)
        {
            // Somebody else's, who had the port before and speaks no TLS: the client that belongs here would wait for its answers in vain.
        }
        await stream.DisposeAsync();
    }

    private async Task<byte[]> ReadAsync(SslStream stream, int count)
    {
        var bytes = new byte[Math.Min(count, mayRead - Bytes.Read)];
        await stream.ReadExactlyAsync(bytes, stopping.Token);
        Bytes = (Bytes.Read + bytes.Length, Bytes.Written);
        return bytes.Length == count ? bytes : throw new IOException("cut");
    }

    private async Task WriteAsync(SslStream stream, byte[] bytes)
    {
        var most = Bytes.Read < mayRead ? Math.Min(bytes.Length, mayWrite - Bytes.Written) : 0; // cut between a request and its answer
        await stream.WriteAsync(bytes.AsMemory(0, most), stopping.Token);
        Bytes = (Bytes.Read, Bytes.Written + most);
        if (most < bytes.Length)
        {
            throw new IOException("cut");
        }
    }

    private static byte[] Gone(ReadOnlySpan<byte> stream)
    {
        var body = """{"reason":"Unregistered","timestamp":1700000000000}"""u8;
        return
        [
            0, 0, 5, 1, 4, .. stream, /* :status 410 */ 0x08, 3, .. "410"u8,
            0, 0, (byte)body.Length, Data, EndStream, .. stream, .. body,
        ];
    }
}

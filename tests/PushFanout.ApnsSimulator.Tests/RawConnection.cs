using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>One frame as it came.</summary>
internal sealed record RawFrame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte Data = 0, Headers = 1, Priority = 2, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    public const byte End = 0x1, Ack = 0x1, EndHeaders = 0x4;

    public bool Is(byte type, int stream = 0) => Type == type && Stream == stream && (type is not (Settings or Ping) || (Flags & Ack) == 0);

    public bool EndsStream(int stream) => Stream == stream && Type is Data or Headers && (Flags & End) != 0;

    public int Number(int at = 0) => BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(at));

    public string Text(int at = 0) => Encoding.UTF8.GetString(Payload.AsSpan(at));

    /// <summary>A value of a SETTINGS frame; null when it is not in it.</summary>
    public int? Setting(int name)
    {
        for (var at = 0; at < Payload.Length; at += 6)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(Payload.AsSpan(at)) == name)
            {
                return Number(at + 2);
            }
        }
        return null;
    }
}

/// <summary>A client that writes and reads frame by frame, for what no HTTP library does. It acknowledges SETTINGS only when told to.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    public const int MaxConcurrentStreams = 3;
    public const int InitialWindowSize = 4;
    /// <summary>It does not close its side after a GOAWAY, so a server need not wait for that.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly SslStream tls;
    private readonly Channel<RawFrame> frames = Channel.CreateUnbounded<RawFrame>();
    private readonly Task reading;

    private RawConnection(SslStream tls)
    {
        this.tls = tls;
        reading = ReadAsync();
    }

    /// <summary>Connects and sends the preface; what the server sends first is still to be read.</summary>
    public static async Task<RawConnection> OpenAsync(SimulatorHost simulator)
    {
        using var deadline = new CancellationTokenSource(Longest);
        var connection = new RawConnection(await ConnectAsync(simulator, SslApplicationProtocol.Http2, deadline.Token));
        await connection.tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), deadline.Token);
        await connection.WriteAsync(RawFrame.Settings, 0, 0, []);
        return connection;
    }

    /// <summary>Connects and settles on the first SETTINGS.</summary>
    /// <returns>The connection and the SETTINGS of the server.</returns>
    public static async Task<(RawConnection Connection, RawFrame Settings)> GreetAsync(SimulatorHost simulator)
    {
        var connection = await OpenAsync(simulator);
        var settings = await connection.NextAsync(frame => frame.Is(RawFrame.Settings));
        await connection.AcknowledgeAsync();
        return (connection, settings);
    }

    /// <summary>A TLS connection that trusts the simulator's authority and offers one protocol.</summary>
    public static async Task<SslStream> ConnectAsync(SimulatorHost simulator, SslApplicationProtocol protocol, CancellationToken cancellation)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", simulator.Endpoint.Port, cancellation);
        var tls = new SslStream(tcp.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(simulator.TrustedRoots);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [protocol], CertificateChainPolicy = policy }, cancellation);
        return tls;
    }

    /// <summary>The next frame that fits; others are passed over.</summary>
    /// <exception cref="ChannelClosedException">The connection ended before it came.</exception>
    public async Task<RawFrame> NextAsync(Predicate<RawFrame> fits)
    {
        while (true)
        {
            var frame = await frames.Reader.ReadAsync().AsTask().WaitAsync(Longest);
            if (fits(frame))
            {
                return frame;
            }
        }
    }

    /// <summary>Everything until the server closes.</summary>
    public async Task<IReadOnlyList<RawFrame>> RestAsync()
    {
        await reading.WaitAsync(Longest);
        var rest = new List<RawFrame>();
        while (frames.Reader.TryRead(out var frame))
        {
            rest.Add(frame);
        }
        return rest;
    }

    /// <summary>Everything until the answer of a stream is complete: whether it was 200, and the body.</summary>
    public async Task<(bool Accepted, string Body)> AnswerAsync(int stream)
    {
        var accepted = false;
        var body = "";
        await NextAsync(frame =>
        {
            if (frame.Is(RawFrame.ResetStream, stream))
            {
                throw new IOException($"Stream {stream} was reset with {frame.Number()}.");
            }
            accepted |= frame.Is(RawFrame.Headers, stream) && frame.EndsStream(stream);
            body += frame.Is(RawFrame.Data, stream) ? frame.Text() : "";
            return frame.EndsStream(stream);
        });
        return (accepted, body);
    }

    public Task AcknowledgeAsync() => WriteAsync(RawFrame.Settings, RawFrame.Ack, 0, []);

    /// <summary>A right push with more headers.</summary>
    public async Task PushAsync(int stream, string providerToken, byte[]? token = null, params IEnumerable<(string Name, string Value)> more)
    {
        await WriteAsync(RawFrame.Headers, RawFrame.EndHeaders, stream, [.. Fields(providerToken, token).Concat(more).SelectMany(field => NewName(0, field.Name, field.Value))]);
        await WriteAsync(RawFrame.Data, RawFrame.End, stream, "{\"aps\":{}}"u8.ToArray());
    }

    public static IEnumerable<(string Name, string Value)> Fields(string providerToken, byte[]? token = null) =>
    [
        (":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", $"/3/device/{Client.Hex(token ?? Client.Token(1))}"),
        ("authorization", $"bearer {providerToken}"), ("apns-topic", Client.Topic), ("apns-push-type", "alert"),
    ];

    /// <summary>A field with a name of its own, after the bits that say whether it goes into the table.</summary>
    public static byte[] NewName(byte kind, string name, string value) => [kind, .. Text(name), .. Text(value)];

    /// <summary>A field whose name is an entry of the table.</summary>
    public static byte[] KnownName(byte[] kindAndIndex, string value) => [.. kindAndIndex, .. Text(value)];

    public async Task WriteAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        using var deadline = new CancellationTokenSource(Longest);
        await tls.WriteAsync(frame, deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await tls.DisposeAsync();
        await reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            var header = new byte[9];
            while (true)
            {
                await tls.ReadExactlyAsync(header);
                var payload = new byte[header[0] << 16 | header[1] << 8 | header[2]];
                var got = await tls.ReadAtLeastAsync(payload, payload.Length, throwOnEndOfStream: false);
                frames.Writer.TryWrite(new RawFrame(header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload[..got]));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            frames.Writer.Complete();
        }
    }

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < 127)
        {
            return [(byte)bytes.Length, .. bytes];
        }
        var length = new List<byte> { 127 };
        var rest = bytes.Length - 127;
        for (; rest >= 128; rest >>= 7)
        {
            length.Add((byte)((rest & 127) | 128));
        }
        return [.. length, (byte)rest, .. bytes];
    }
}

using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>One push written frame by frame, for what no HTTP library would send.</summary>
internal static class RawPush
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;

    /// <summary>Sends a right push with more headers.</summary>
    /// <returns>The body of the answer.</returns>
    public static async Task<string> SendAsync(SimulatorHost simulator, string providerToken, IEnumerable<(string Name, string Value)> more)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var tls = await ConnectAsync(simulator, SslApplicationProtocol.Http2, deadline.Token);
        await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), deadline.Token);
        await WriteFrameAsync(tls, Settings, 0, 0, [], deadline.Token);
        using var block = new MemoryStream();
        foreach (var (name, value) in new[]
        {
            (":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", $"/3/device/{Client.Hex(Client.Token(1))}"),
            ("authorization", $"bearer {providerToken}"), ("apns-topic", Client.Topic), ("apns-push-type", "alert"),
        }.Concat(more))
        {
            block.WriteByte(0); // literal without indexing, new name
            WriteText(block, name);
            WriteText(block, value);
        }
        await WriteFrameAsync(tls, Headers, 0x4, 1, block.ToArray(), deadline.Token);
        await WriteFrameAsync(tls, Data, 0x1, 1, "{\"aps\":{}}"u8.ToArray(), deadline.Token);
        while (true)
        {
            var header = new byte[9];
            await tls.ReadExactlyAsync(header, deadline.Token);
            var payload = new byte[header[0] << 16 | header[1] << 8 | header[2]];
            await tls.ReadExactlyAsync(payload, deadline.Token);
            if (header[3] == Data)
            {
                return Encoding.UTF8.GetString(payload);
            }
        }
    }

    /// <summary>A TLS connection that trusts the simulator's authority and offers one protocol.</summary>
    public static async Task<SslStream> ConnectAsync(SimulatorHost simulator, SslApplicationProtocol protocol, CancellationToken cancellation)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", simulator.Endpoint.Port, cancellation);
        var tls = new SslStream(tcp.GetStream());
        var policy = new System.Security.Cryptography.X509Certificates.X509ChainPolicy
        {
            TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
            RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(simulator.TrustedRoots);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [protocol], CertificateChainPolicy = policy }, cancellation);
        return tls;
    }

    private static async Task WriteFrameAsync(SslStream tls, byte type, byte flags, int stream, byte[] payload, CancellationToken cancellation)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await tls.WriteAsync(frame, cancellation);
    }

    private static void WriteText(MemoryStream block, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.WriteByte((byte)bytes.Length);
        }
        else
        {
            block.WriteByte(127);
            var rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.WriteByte((byte)(rest & 127 | 128));
            }
            block.WriteByte((byte)rest);
        }
        block.Write(bytes);
    }
}

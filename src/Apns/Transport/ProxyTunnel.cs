using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace PushFanout.Apns.Transport;

/// <summary>Asks an HTTP proxy for a way to APNs (RFC 9110, section 9.3.6).</summary>
internal static class ProxyTunnel
{
    private const int MaxAnswer = 8192;

    /// <returns>Why there is none; null when the socket now leads to <paramref name="target"/>.</returns>
    public static async Task<string?> OpenAsync(Socket socket, ApnsProxy proxy, string target, CancellationToken cancellation)
    {
        var request = Encoding.UTF8.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{Authorization(proxy)}\r\n");
        for (ReadOnlyMemory<byte> left = request; !left.IsEmpty;)
        {
            left = left[await socket.SendAsync(left, SocketFlags.None, cancellation)..];
        }
        Array.Clear(request);
        var answer = new byte[MaxAnswer];
        for (var length = 0; length < answer.Length;)
        {
            var read = await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None, cancellation);
            if (read == 0)
            {
                return "the proxy closed the connection";
            }
            length += read;
            var end = answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                // The server speaks only after we have: more than the answer is no answer to CONNECT.
                return Judge(answer.AsSpan(0, end), rest: length - end - 4);
            }
        }
        return "the proxy's answer has no end";
    }

    private static string? Judge(ReadOnlySpan<byte> head, int rest)
    {
        var status = 0;
        if (!head.StartsWith("HTTP/1."u8) || head.Length < 12 || head[8] != ' ' || !Utf8Parser.TryParse(head.Slice(9, 3), out status, out var read) || read != 3)
        {
            return "the proxy does not speak HTTP/1.1";
        }
        return status is < 200 or > 299 ? $"the proxy refused ({status})"
            : rest > 0 ? "the proxy said more than its answer"
            : null;
    }

    private static string Authorization(ApnsProxy proxy) => proxy.User is { } user
        ? $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{proxy.Password}"))}\r\n"
        : "";
}

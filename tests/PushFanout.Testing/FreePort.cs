using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PushFanout.Testing;

/// <summary>Loopback ports that nothing listens on.</summary>
public static class FreePort
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A port that is free now and that this process has not been given before. Another process may still take it first,
    /// so whoever starts a server on it must be ready to ask again.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            if (Given.TryAdd(port, true))
            {
                return port;
            }
        }
    }
}

using System.Net;

namespace PushFanout.Worker.Hosting;

/// <summary>What stays on this machine, and so needs neither TLS nor a key.</summary>
internal static class Loopback
{
    public static bool Contains(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

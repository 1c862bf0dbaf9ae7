using System.Diagnostics;
using System.Globalization;

namespace PushFanout.Bench.Engine;

/// <summary>
/// The process that is measured when the client is .NET: sends for a while until it is compiled and connected, then sends the
/// pushes that count and reports what they took.
/// </summary>
internal static class MeasuredClient
{
    public const string Verb = "engine-client";

    private const int WarmUpRound = 20_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(6);

    /// <param name="arguments">Name of the client, endpoint, certificate file, pushes, connections.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (endpoint, authorityFile) = (new Uri(arguments[1]), arguments[2]);
        var pushes = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        var connections = int.Parse(arguments[4], CultureInfo.InvariantCulture);
        await using IPushLoad load = arguments[0] switch
        {
            "ours" => new OwnLoad(endpoint, authorityFile, connections, singly: false),
            "ours-single" => new OwnLoad(endpoint, authorityFile, connections, singly: true),
            "httpclient" => new HttpClientLoad(endpoint, authorityFile, connections),
            _ => throw new ArgumentException($"There is no client {arguments[0]}."),
        };
        var (sent, accepted) = (0L, 0L);
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            accepted += await load.SendAsync(WarmUpRound);
            sent += WarmUpRound;
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (accepted != sent)
            {
                Console.Error.WriteLine($"{sent - accepted} of {sent} pushes of the warm-up were not accepted.");
                return 1;
            }
            if (elapsed > LongestWarmUp || (elapsed > WarmUp && (load.Connections ?? connections) >= connections))
            {
                break;
            }
        }
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var from = Stopwatch.GetTimestamp();
        accepted += await load.SendAsync(pushes);
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        new ClientReport(
            sent + pushes, accepted, pushes, seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
            GC.GetTotalAllocatedBytes(precise: true) - allocated, ProcessMemory.Peak(Environment.ProcessId) ?? 0, load.Connections).Write();
        return 0; // whether each push was accepted is for the reader of the report to say
    }
}

/// <summary>A client of this process that can send many pushes.</summary>
internal interface IPushLoad : IAsyncDisposable
{
    /// <summary>Open now; null where the client does not tell.</summary>
    int? Connections { get; }

    /// <returns>How many were accepted.</returns>
    Task<long> SendAsync(int pushes);
}

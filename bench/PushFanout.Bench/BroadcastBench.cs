using System.Diagnostics;

namespace PushFanout.Bench;

/// <summary>One notification to everybody: how long, what it costs the worker, and how large the worker gets.</summary>
internal static class BroadcastBench
{
    public static async Task RunAsync(BenchInstallation installation, int tokens)
    {
        var before = await installation.AcceptedAsync();
        var allocated = await installation.WorkerAllocatedBytesAsync();
        var cpu = installation.WorkerCpu();
        var started = Stopwatch.GetTimestamp();
        await installation.PublishAsync("""{"anyOf":["all"]}""");
        var completed = await installation.NextCompletedAsync(TimeSpan.FromMinutes(10));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var audience = completed.GetProperty("audience").GetInt64();
        Figures.Print("broadcast", $"{elapsed.TotalSeconds:0.0} s", $"{audience / elapsed.TotalSeconds:N0} pushes/s");
        Figures.Print("worker CPU", $"{(installation.WorkerCpu() - cpu).TotalSeconds * 1_000_000 / audience:0.0} s per 1 M pushes", "");
        Figures.Print("worker allocation", $"{(await installation.WorkerAllocatedBytesAsync() - allocated) / audience:N0} bytes per push", "");
        Figures.Print("worker memory, peak", $"{installation.WorkerPeakBytes() / 1024.0 / 1024.0:0} MB resident", "");
        Figures.Expect(audience >= tokens, "the whole audience was counted");
        Figures.Expect(completed.GetProperty("outcomes").GetProperty("accepted").GetInt64() == audience, "every push was accepted");
        Figures.Expect(await installation.AcceptedAsync() - before == audience, "each push was seen once at the other end");
    }
}

using System.Diagnostics;

namespace PushFanout.Bench;

/// <param name="Cpu">Of the worker.</param>
/// <param name="AllocatedBytes">By the worker.</param>
internal sealed record BroadcastFigures(TimeSpan Elapsed, long Audience, TimeSpan Cpu, double AllocatedBytes)
{
    public double CpuSecondsPerMillion => Cpu.TotalSeconds * 1_000_000 / Audience;
}

/// <summary>One notification to everybody: how long, what it costs the worker, and how large the worker gets.</summary>
internal static class BroadcastBench
{
    public static async Task RunAsync(BenchInstallation installation, int tokens)
    {
        var figures = await MeasureAsync(installation, tokens);
        Figures.Print("broadcast", $"{figures.Elapsed.TotalSeconds:0.0} s", $"{figures.Audience / figures.Elapsed.TotalSeconds:N0} pushes/s");
        Figures.Print("worker CPU", $"{figures.CpuSecondsPerMillion:0.0} s per 1 M pushes", "");
        Figures.Print("worker allocation", $"{figures.AllocatedBytes / figures.Audience:N0} bytes per push", "");
        Figures.Print("worker memory, peak", $"{installation.WorkerPeakBytes() / 1024.0 / 1024.0:0} MB resident", "");
    }

    /// <summary>Figures of a broadcast that did all that it should; an exception otherwise.</summary>
    public static async Task<BroadcastFigures> MeasureAsync(BenchInstallation installation, int tokens)
    {
        var before = await installation.AcceptedAsync();
        var allocated = await installation.WorkerAllocatedBytesAsync();
        var cpu = installation.WorkerCpu();
        var started = Stopwatch.GetTimestamp();
        await installation.PublishAsync("""{"anyOf":["all"]}""");
        var completed = await installation.NextCompletedAsync(TimeSpan.FromMinutes(10));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var audience = completed.GetProperty("audience").GetInt64();
        var figures = new BroadcastFigures(elapsed, audience, installation.WorkerCpu() - cpu, await installation.WorkerAllocatedBytesAsync() - allocated);
        Figures.Expect(audience >= tokens, "the whole audience was counted");
        Figures.Expect(completed.GetProperty("outcomes").GetProperty("accepted").GetInt64() == audience, "every push was accepted");
        Figures.Expect(await installation.AcceptedAsync() - before == audience, "each push was seen once at the other end");
        return figures;
    }
}

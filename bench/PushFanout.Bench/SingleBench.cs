using System.Diagnostics;
using System.Security.Cryptography;
using PushFanout.TokenCache;

namespace PushFanout.Bench;

/// <summary>Notifications to one user: how long one takes when nothing else happens, and how many go through.</summary>
internal static class SingleBench
{
    private const int Warmup = 500;
    private const int Idle = 500;
    private const int Rounds = 3;
    private const int Busy = 5_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Registers the user, and sends often enough that the worker is warm.</summary>
    public static async Task PrepareAsync(BenchInstallation installation)
    {
        await installation.Devices.RegisterAsync(
            BenchInstallation.App, new DeviceRegistration(SHA256.HashData("alice"u8), TimeProvider.System.GetUtcNow(), UserId: "alice"), CancellationToken.None);
        await SendManyAsync(installation, Warmup);
    }

    public static async Task RunAsync(BenchInstallation installation)
    {
        await PrepareAsync(installation);
        await MeasureIdleAsync(installation);
        for (var round = 0; round < Rounds; round++)
        {
            var cpu = installation.WorkerCpu();
            var started = Stopwatch.GetTimestamp();
            await SendManyAsync(installation, Busy);
            var elapsed = Stopwatch.GetElapsedTime(started);
            Figures.Print(
                "single-user notifications, publish to end", $"{Busy / elapsed.TotalSeconds:N0}/s",
                $"worker CPU {(installation.WorkerCpu() - cpu).TotalMilliseconds / Busy:0.00} ms each");
        }
    }

    private static async Task MeasureIdleAsync(BenchInstallation installation)
    {
        var times = new List<double>(Idle);
        for (var i = 0; i < Idle; i++)
        {
            var accepted = installation.Simulator.Recorder.Accepted;
            var started = Stopwatch.GetTimestamp();
            var arrival = installation.Simulator.Recorder.WaitForAcceptedAsync(accepted + 1, Patience);
            await installation.PublishAsync("""{"users":["alice"]}""");
            Figures.Expect(await arrival, "the push reached the simulator");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await installation.NextCompletedAsync(Patience);
        }
        times.Sort();
        Figures.Print("one user, idle, publish to simulator", $"p50 {times[Idle / 2]:0.0} ms", $"p99 {times[Idle * 99 / 100]:0.0} ms");
    }

    private static async Task SendManyAsync(BenchInstallation installation, int count)
    {
        var publishing = Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 64 },
            async (_, _) => await installation.PublishAsync("""{"users":["alice"]}"""));
        for (var i = 0; i < count; i++)
        {
            var completed = await installation.NextCompletedAsync(Patience);
            Figures.Expect(completed.GetProperty("outcomes").GetProperty("accepted").GetInt64() == 1, "the push was accepted");
        }
        await publishing;
    }
}

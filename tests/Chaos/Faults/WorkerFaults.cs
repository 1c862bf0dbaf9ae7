using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Faults;

/// <summary>What happens to workers.</summary>
internal static class WorkerFaults
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(60);

    /// <summary>Outcomes that a worker may not have settled when it freezes.</summary>
    private const int Checkpoint = 200;

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("rolling-restart", "each worker in turn gets SIGTERM and is started again") { Inject = RestartInTurnAsync },
        new("worker-killed", "workers die by SIGKILL while they claim, send and settle")
        {
            Kills = [KillStage.Claim, KillStage.MidWindow, KillStage.BeforeSettle, KillStage.AfterSettle, KillStage.BeforeAck, KillStage.Time],
        },
        new("expander-killed", "workers die by SIGKILL between the publishes of ranges and batches")
        {
            Kills = [KillStage.Create, KillStage.BetweenRanges, KillStage.Snap, KillStage.BatchPublish, KillStage.Expanded],
        },
        new("end-killed", "workers die by SIGKILL around retries and the end of a send")
        {
            Kills = [KillStage.BeforeAdvance, KillStage.Finish, KillStage.Close],
        },
        new("worker-frozen", "a worker is stopped (SIGSTOP) for 60 s and woken")
        {
            Inject = FreezeAsync,
            Allowed = new Allowance { Duplicates = ChaosPlan.InFlightPerWorker + Checkpoint, Ambiguous = ChaosPlan.InFlightPerWorker },
        },
    ];

    private static async Task RestartInTurnAsync(ChaosRun run)
    {
        foreach (var worker in run.Installation.Workers)
        {
            var (exitCode, took) = await worker.StopAsync(StopLimit * 2);
            run.Log($"{worker.Name} ended with {exitCode} after {took.TotalSeconds:0.0} s");
            run.Expect(exitCode == 0, $"{worker.Name} ended with {exitCode} after SIGTERM");
            run.Expect(took <= StopLimit, $"{worker.Name} took {took.TotalSeconds:0.0} s to end, {StopLimit.TotalSeconds:0} s may be");
            await worker.StartAsync();
            run.Progress.FaultEnded();
        }
    }

    private static async Task FreezeAsync(ChaosRun run)
    {
        var worker = run.Installation.Workers[0];
        worker.Suspend();
        run.Progress.FaultEnded(); // the others have to go on from here
        await Task.Delay(FreezeTime);
        var before = run.Progress.Accepted;
        worker.Resume();
        run.Log($"{worker.Name} woken at {before:N0} accepted pushes");
    }
}

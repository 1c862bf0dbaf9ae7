using System.Diagnostics;
using System.Globalization;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Faults;

/// <summary>Runs one row: sends begin, something breaks at a quarter of them, is mended, and the oracle judges.</summary>
internal static class FaultRun
{
    private const int Deaths = 6;
    private const int SecondsOfSending = 12;
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    public static async Task<ChaosReport> RunAsync(FaultRow row, int seed, int tokens, Action<string> log)
    {
        var plan = row.Shape(new ChaosPlan { Seed = seed, Tokens = tokens, PushesPerSecond = Math.Max(500, tokens / SecondsOfSending) });
        if (row.Kills.Count > 0)
        {
            return await KillRun.RunAsync(plan with { PushesPerSecond = null, Groups = 3 }, KillSchedule.Of(seed, Deaths, row.Kills), log);
        }
        var started = Stopwatch.GetTimestamp();
        await using var run = await ChaosRun.PrepareAsync(plan, log);
        if (row.Whole is { } whole)
        {
            run.Log($"{row.Name}: {row.Text}");
            await whole(run);
        }
        else
        {
            await run.StartWorkersAsync();
            await run.SendToEveryoneAsync();
            await BreakAsync(row, run);
        }
        await run.WaitForEndAsync();
        var judgement = ChaosOracle.Judge(await run.ReadEvidenceAsync(awaitRemovals: !row.Allowed.BooksLost), row.Allowed);
        return Report(row, run, judgement) with { Took = Stopwatch.GetElapsedTime(started) };
    }

    private static async Task BreakAsync(FaultRow row, ChaosRun run)
    {
        if (!await run.Installation.Simulator.WaitForAcceptedAsync(run.Plan.Tokens / 4, StartPatience))
        {
            throw new TimeoutException("A quarter of the pushes was not sent in time; nothing was tested.");
        }
        run.Log($"{row.Name}: {row.Text}");
        await row.Inject!(run);
        run.Log("mended");
    }

    private static ChaosReport Report(FaultRow row, ChaosRun run, Judgement judgement)
    {
        var recovery = run.Progress.LongestRecovery;
        return new ChaosReport
        {
            Seed = run.Plan.Seed,
            Tokens = run.Plan.Tokens,
            Kills = 0,
            KillsByStage = KillStages.All.ToDictionary(stage => stage.Word(), _ => 0),
            Lost = judgement.Lost,
            Duplicates = judgement.Duplicates,
            Ambiguous = judgement.Ambiguous,
            Undeliverable = judgement.Undeliverable,
            Expired = judgement.Expired,
            InFlightWindow = ChaosPlan.InFlightPerWorker * run.Plan.Workers,
            RecoverySeconds = Math.Round(recovery.TotalSeconds, 1),
            Balanced = judgement.Balanced,
            Exact = judgement.Exact,
            Broken =
            [
                .. judgement.Broken,
                .. run.Broken,
                .. recovery > row.Allowed.Recovery
                    ? [string.Create(CultureInfo.InvariantCulture, $"{recovery.TotalSeconds:0.0} s until the next push, {row.Allowed.Recovery.TotalSeconds:0} s may be")]
                    : Array.Empty<string>(),
            ],
        };
    }
}

using System.Diagnostics;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Kills;

/// <summary>Sends while workers die one after the other at ordered places, and are started again.</summary>
internal sealed class KillRun(ChaosRun run, IReadOnlyList<KillOrder> orders) : IDisposable
{
    private const int PlannedAtOnce = 3;
    private static readonly TimeSpan BetweenSmallSends = TimeSpan.FromMilliseconds(500);

    /// <summary>An ordered death that does not come within this time never will; the small sends that go on meanwhile are no sign of hope.</summary>
    private static readonly TimeSpan DeathPatience = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private readonly Queue<KillOrder> _waiting = new(orders);
    private readonly Random _dice = new(run.Plan.Seed);
    private readonly Dictionary<string, int> _byStage = KillStages.All.ToDictionary(stage => stage.Word(), _ => 0);
    private readonly CancellationTokenSource _giveUp = new();
    private long _lastDeath = Stopwatch.GetTimestamp();
    private int _kills;
    private long _window;
    private long _allowed;

    /// <summary>A whole run: sets up, kills, waits for the end, judges.</summary>
    public static async Task<ChaosReport> RunAsync(ChaosPlan plan, IReadOnlyList<KillOrder> orders, Action<string> log)
    {
        var started = Stopwatch.GetTimestamp();
        await using var run = await ChaosRun.PrepareAsync(plan, log);
        using var kills = new KillRun(run, orders);
        await kills.DriveAsync();
        await run.WaitForEndAsync();
        var evidence = await run.ReadEvidenceAsync(awaitRemovals: true);
        return kills.Report(ChaosOracle.Judge(evidence, kills.Allowed)) with { Took = Stopwatch.GetElapsedTime(started) };
    }

    public void Dispose() => _giveUp.Dispose();

    /// <summary>What the deaths may have cost: each the pushes in flight and the outcomes not settled at that moment.</summary>
    private Allowance Allowed => new() { Duplicates = _allowed, Ambiguous = _kills * (long)ChaosPlan.InFlightPerWorker };

    private async Task DriveAsync()
    {
        // Some tokens must wait for another attempt, or nothing is ever handed on.
        await run.Installation.Simulator.OrderAsync("faults", new[] { new { share = 0.003, status = 503, reason = "ServiceUnavailable" } });
        await run.Installation.Service.ListenAsync();
        var dying = Task.WhenAll(run.Installation.Workers.Select(KillAgainAndAgainAsync));
        var sending = SendWhileAsync(dying);
        await Task.WhenAny(dying, sending);
        if (!dying.IsCompleted)
        {
            await sending; // throws why, or gave up because nothing moves
            await _giveUp.CancelAsync();
        }
        await Task.WhenAll(dying, sending);
    }

    private async Task KillAgainAndAgainAsync(ChaosWorkerProcess worker)
    {
        while (true)
        {
            var (order, pause) = Next();
            worker.Launch(order);
            if (order is null)
            {
                await worker.ReadyAsync();
                return;
            }
            try
            {
                Count(order, await worker.DeathAsync(_giveUp.Token));
            }
            catch (OperationCanceledException)
            {
                run.Log($"{worker.Name} did not come to {order}");
                return;
            }
            await Task.Delay(pause);
        }
    }

    private (KillOrder? Order, TimeSpan Pause) Next()
    {
        lock (_gate)
        {
            return (_waiting.TryDequeue(out var order) ? order : null, TimeSpan.FromMilliseconds(_dice.Next(0, 500)));
        }
    }

    private void Count(KillOrder order, long unsettled)
    {
        lock (_gate)
        {
            var window = ChaosPlan.InFlightPerWorker + unsettled;
            _kills++;
            _lastDeath = Stopwatch.GetTimestamp();
            _byStage[order.Stage.Word()]++;
            _window = Math.Max(_window, window);
            _allowed += window;
        }
        run.Progress.Moved();
        run.Progress.FaultEnded();
    }

    /// <summary>Keeps some planned sends and small ones under way: to every group once, then to the spare devices until everybody has died who was to.</summary>
    private async Task SendWhileAsync(Task dying)
    {
        var groups = 0;
        var small = 0;
        while (!dying.IsCompleted || groups < run.Plan.Groups)
        {
            var running = await run.CountRunningAsync();
            if (running == 0 || (running < PlannedAtOnce && IsTurnOf(groups)))
            {
                await (groups < run.Plan.Groups ? run.SendToGroupAsync(groups++) : run.SendSpareAsync());
            }
            if (!dying.IsCompleted)
            {
                await run.SendSmallAsync(small++);
            }
            if (run.Progress.StoodStill > run.Plan.StandstillPatience || (!dying.IsCompleted && NobodyDies()))
            {
                run.Log("nothing moves any more, or nobody dies who was to");
                return;
            }
            await Task.Delay(BetweenSmallSends);
        }
    }

    /// <summary>The groups are spread over the deaths, so that the last death too has a large send to hit.</summary>
    private bool IsTurnOf(int groups)
    {
        lock (_gate)
        {
            return groups < run.Plan.Groups && (_kills == orders.Count || groups < PlannedAtOnce + ((long)_kills * run.Plan.Groups / orders.Count));
        }
    }

    private bool NobodyDies()
    {
        lock (_gate)
        {
            return Stopwatch.GetElapsedTime(_lastDeath) > DeathPatience;
        }
    }

    private ChaosReport Report(Judgement judgement) => new()
    {
        Seed = run.Plan.Seed,
        Tokens = run.Plan.Tokens,
        Kills = _kills,
        KillsByStage = _byStage,
        Lost = judgement.Lost,
        Duplicates = judgement.Duplicates,
        Ambiguous = judgement.Ambiguous,
        Undeliverable = judgement.Undeliverable,
        Expired = judgement.Expired,
        InFlightWindow = _window,
        RecoverySeconds = Math.Round(run.Progress.LongestRecovery.TotalSeconds, 1),
        Balanced = judgement.Balanced,
        Exact = judgement.Exact,
        Broken = [.. judgement.Broken, .. _kills < orders.Count ? [$"only {_kills} of {orders.Count} kills happened"] : Array.Empty<string>()],
    };
}

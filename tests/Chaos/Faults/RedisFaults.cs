using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Chaos.Running;
using PushFanout.Testing;

namespace PushFanout.Chaos.Faults;

/// <summary>What happens to Redis.</summary>
internal static class RedisFaults
{
    private static readonly TimeSpan RefuseTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan PauseTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Outcomes that wait for Redis while it is away: another worker may take over a batch whose lease ran out meanwhile, and sends what Redis does not
    /// know. Every push in flight when Redis went, of every worker, and one checkpoint each.
    /// </summary>
    private static readonly Allowance OutcomesWaited = new() { Duplicates = 2 * (ChaosPlan.InFlightPerWorker + 200) };

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("redis-killed", "Redis is killed and back after 5 s, with its append-only file") { Inject = KillAsync, Allowed = OutcomesWaited },
        new("redis-paused", "Redis answers nothing for 10 s (CLIENT PAUSE)") { Inject = PauseAsync },
        new("redis-frozen", "Redis is stopped (SIGSTOP) for 10 s") { Inject = FreezeAsync },
        new("redis-half-open", "connections to Redis stay open and go silent")
        {
            Inject = run => SilenceAsync(run, Directions.Both), Shape = plan => plan with { Proxied = true }, Allowed = OutcomesWaited,
        },
        new("redis-mute", "what Redis answers does not arrive on open connections")
        {
            Inject = run => SilenceAsync(run, Directions.ToClient), Shape = plan => plan with { Proxied = true }, Allowed = OutcomesWaited,
        },
        new("redis-reset", "connections to Redis are reset, three times") { Inject = ResetAsync, Shape = plan => plan with { Proxied = true }, Allowed = OutcomesWaited },
        new("redis-slow", "every answer of Redis takes 100 ms longer, for 10 s") { Inject = SlowDownAsync, Shape = plan => plan with { Proxied = true } },
        new("redis-flushed", "Redis loses everything; the devices are imported again")
        {
            Inject = FlushAsync,
            Allowed = new Allowance { Duplicates = long.MaxValue, BooksLost = true, Recovery = TimeSpan.FromSeconds(60) },
        },
        new("redis-read-only", "Redis is a replica without a master for 8 s (REPLICAOF)")
        {
            Inject = run => RefuseAsync(run, "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"), Allowed = OutcomesWaited,
        },
        new("redis-out-of-memory", "Redis refuses writes for 8 s (maxmemory)")
        {
            Inject = run => RefuseAsync(run, "CONFIG SET maxmemory 1mb", "CONFIG SET maxmemory 0"), Allowed = OutcomesWaited,
        },
        new("redis-noauth", "Redis wants a password for 8 s (requirepass)") { Inject = WantPasswordAsync, Allowed = OutcomesWaited },
        new("redis-wrongtype", "audience keys have another type for 10 s") { Inject = ChangeTypeAsync },
    ];

    private static async Task KillAsync(ChaosRun run)
    {
        await run.Installation.Redis.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        await run.Installation.Redis.RestartAsync();
        run.Progress.FaultEnded();
    }

    private static async Task PauseAsync(ChaosRun run)
    {
        await CommandAsync(run, $"CLIENT PAUSE {PauseTime.TotalMilliseconds:0} ALL");
        await Task.Delay(PauseTime);
        run.Progress.FaultEnded();
    }

    private static async Task FreezeAsync(ChaosRun run)
    {
        run.Installation.Redis.Suspend();
        await Task.Delay(PauseTime);
        run.Installation.Redis.Resume();
        run.Progress.FaultEnded();
    }

    private static Task SilenceAsync(ChaosRun run, Directions directions)
    {
        run.Installation.RedisProxy!.Silence(directions);
        run.Progress.FaultEnded(); // new connections pass: all that is left is to notice
        return Task.CompletedTask;
    }

    private static async Task ResetAsync(ChaosRun run)
    {
        for (var i = 0; i < 3; i++)
        {
            run.Installation.RedisProxy!.Reset();
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
    }

    private static async Task SlowDownAsync(ChaosRun run)
    {
        run.Installation.RedisProxy!.Latency = TimeSpan.FromMilliseconds(50); // each way
        await Task.Delay(PauseTime);
        run.Installation.RedisProxy.Latency = TimeSpan.Zero;
        run.Progress.FaultEnded();
    }

    private static async Task FlushAsync(ChaosRun run)
    {
        await CommandAsync(run, "FLUSHALL");
        await run.Installation.Devices.OpenAppAsync(ChaosInstallation.App, ChaosInstallation.Shards, CancellationToken.None);
        await run.Installation.RegisterAsync(run.Devices, TimeProvider.System.GetUtcNow());
        run.Progress.FaultEnded();
    }

    private static async Task RefuseAsync(ChaosRun run, string fault, string mend)
    {
        await CommandAsync(run, fault);
        await Task.Delay(RefuseTime);
        await CommandAsync(run, mend);
        run.Progress.FaultEnded();
    }

    private static async Task WantPasswordAsync(ChaosRun run)
    {
        const string Password = "somebody-changed-it";
        await CommandAsync(run, $"CONFIG SET requirepass {Password}");
        await run.Installation.Redis.CommandAsync("CLIENT KILL TYPE normal SKIPME yes", Password); // who is logged in stays so otherwise
        await Task.Delay(RefuseTime);
        await CommandAsync(run, "CONFIG SET requirepass \"\"", Password);
        run.Progress.FaultEnded();
    }

    /// <summary>Of the last shards of an audience that is being sent to: its ranges come last.</summary>
    private static async Task ChangeTypeAsync(ChaosRun run)
    {
        var keys = Enumerable.Range(ChaosInstallation.Shards - 20, 20).Select(shard => $"pf:{{{ChaosInstallation.App}:{shard}}}:aud:{DeviceBase.GroupName(0)}").ToList();
        foreach (var key in keys)
        {
            await CommandAsync(run, $"RENAME {key} {key}.kept");
            await CommandAsync(run, $"SET {key} text");
        }
        await Task.Delay(PauseTime);
        foreach (var key in keys)
        {
            await CommandAsync(run, $"RENAME {key}.kept {key}");
        }
        run.Progress.FaultEnded();
    }

    private static async Task CommandAsync(ChaosRun run, string command, string? password = null)
    {
        var answer = await run.Installation.Redis.CommandAsync(command, password);
        if (answer.StartsWith('-'))
        {
            throw new InvalidOperationException($"Redis refused {command.Split(' ')[0]}: {answer}");
        }
    }
}

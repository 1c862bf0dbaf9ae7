using PushFanout.Chaos.Running;

namespace PushFanout.Chaos.Faults;

/// <summary>What happens to RabbitMQ.</summary>
internal static class BrokerFaults
{
    private static readonly TimeSpan AwayTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan AlarmTime = TimeSpan.FromSeconds(15);

    public static IReadOnlyList<FaultRow> Rows { get; } =
    [
        new("broker-killed", "RabbitMQ is killed and back after 20 s") { Inject = KillAsync },
        new("broker-frozen", "RabbitMQ is stopped (SIGSTOP) for 45 s and thawed") { Inject = FreezeAsync },
        new("broker-absent", "RabbitMQ comes 10 s after the workers") { Whole = StartLateAsync },
        new("broker-connections-closed", "an operator closes every connection") { Inject = CloseConnectionsAsync },
        new("broker-memory-alarm", "RabbitMQ blocks publishers for 15 s: memory")
        {
            Inject = run => AlarmAsync(run, ["set_vm_memory_high_watermark", "absolute", "1MB"], ["set_vm_memory_high_watermark", "absolute", "2GB"]),
        },
        new("broker-disk-alarm", "RabbitMQ blocks publishers for 15 s: disk")
        {
            Inject = run => AlarmAsync(run, ["set_disk_free_limit", "1000GB"], ["set_disk_free_limit", "200MB"]),
        },
        new("broker-half-open", "connections to RabbitMQ stay open and go silent") { Inject = SilenceAsync, Shape = plan => plan with { Proxied = true } },
        new("broker-reset", "connections to RabbitMQ are reset, three times") { Inject = ResetAsync, Shape = plan => plan with { Proxied = true } },
    ];

    private static async Task KillAsync(ChaosRun run)
    {
        await run.Installation.RabbitMq.KillAsync();
        await Task.Delay(AwayTime);
        await run.Installation.RabbitMq.RestartAsync();
        run.Progress.FaultEnded();
    }

    private static async Task FreezeAsync(ChaosRun run)
    {
        run.Installation.RabbitMq.Suspend();
        await Task.Delay(FreezeTime);
        run.Installation.RabbitMq.Resume();
        run.Progress.FaultEnded();
    }

    private static async Task StartLateAsync(ChaosRun run)
    {
        await run.Installation.RabbitMq.StopAsync();
        foreach (var worker in run.Installation.Workers)
        {
            worker.Launch();
        }
        await Task.Delay(AwayTime / 2);
        await run.Installation.RabbitMq.RestartAsync();
        run.Progress.FaultEnded();
        foreach (var worker in run.Installation.Workers)
        {
            await worker.ReadyAsync();
        }
        await run.Installation.Service.ListenAsync();
        await run.SendToEveryoneAsync();
    }

    private static async Task CloseConnectionsAsync(ChaosRun run)
    {
        await run.Installation.RabbitMq.ControlAsync("close_all_connections", "chaos");
        run.Progress.FaultEnded();
    }

    private static async Task AlarmAsync(ChaosRun run, string[] raise, string[] lower)
    {
        await run.Installation.RabbitMq.ControlAsync(raise);
        await Task.Delay(AlarmTime);
        await run.Installation.RabbitMq.ControlAsync(lower);
        run.Progress.FaultEnded();
    }

    private static Task SilenceAsync(ChaosRun run)
    {
        run.Installation.BrokerProxy!.Silence();
        run.Progress.FaultEnded(); // new connections pass: all that is left is to notice
        return Task.CompletedTask;
    }

    private static async Task ResetAsync(ChaosRun run)
    {
        for (var i = 0; i < 3; i++)
        {
            run.Installation.BrokerProxy!.Reset();
            run.Progress.FaultEnded();
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
    }
}

using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Control;
using ControlAction = PushFanout.Worker.Ledger.ControlAction;

namespace PushFanout.Integration.Tests;

/// <summary>An operator stops a send that goes wrong.</summary>
public sealed class CancelTests
{
    private const int Devices = 1_000_000;
    private static readonly TimeSpan InEffect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A rate that APNs keeps up with on two cores, so that the time of a push at APNs is the time at which it was sent.</summary>
    private const string PushesPerSecond = "4000";

    [Fact, Trait("Length", "Long")]
    public async Task A_send_to_a_million_stops_on_four_workers_within_a_second_and_on_the_frozen_one_of_them_for_good()
    {
        await using var installation = await TestInstallation.CreateAsync(
            new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50)) });
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", PushesPerSecond);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        var frozen = await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var operators = await installation.StartWorkerAsync();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        var id = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(40_000, Patience));

        frozen.Signal(UnixSignal.Stop);
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(installation.Simulator.Recorder.Accepted + 8_000, Patience));
        var cancelled = TimeProvider.System.GetUtcNow();
        await operators.Get<NotificationSteering>().ApplyAsync(id, ControlAction.Cancel, cancelled, CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(3)); // the length of the freeze, not a wait for something
        frozen.Signal(UnixSignal.Continue);

        var completed = await service.NextAsync(Patience);
        var outcomes = completed.GetProperty("outcomes");
        var pushes = installation.Simulator.Recorder.Pushes(id.ToString("N"));
        Assert.Equal("cancelled", completed.GetProperty("state").GetString());
        Assert.Equal(Devices, completed.GetProperty("audience").GetInt64());
        Assert.Equal(Devices, outcomes.GetProperty("accepted").GetInt64() + outcomes.GetProperty("cancelled").GetInt64());
        Assert.Equal(pushes.Count(push => push.IsAccepted), outcomes.GetProperty("accepted").GetInt64());
        Assert.Equal(0, pushes.Count(push => push.At > cancelled + InEffect));
    }
}

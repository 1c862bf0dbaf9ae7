using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Control;
using ControlAction = PushFanout.Worker.Ledger.ControlAction;

namespace PushFanout.Integration.Tests;

/// <summary>A worker stands still while something happens that it ought to know, and is woken afterwards.</summary>
public sealed class FrozenWorkerTests
{
    private const int Devices = 40_000;
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_worker_that_was_frozen_while_the_send_was_cancelled_pushes_nothing_when_it_wakes()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var installation = await TestInstallation.CreateAsync(
            new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50)) }, redis: redis.ConnectionString);
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "4000");
        installation.Set("Expansion:RangeTokens", "2000");
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        var frozen = await installation.StartWorkerProcessAsync();
        var other = await installation.StartWorkerAsync();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        var id = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 8, Patience));

        frozen.Signal(UnixSignal.Stop);
        // As the HTTP API does; a message could lie with the frozen worker until the broker notices that it stands still.
        await other.Get<NotificationSteering>().ApplyAsync(id, ControlAction.Cancel, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        await installation.StandsStillAsync(); // what the other had under way is answered
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before the cancel; nothing was tested");
        var woken = TimeProvider.System.GetUtcNow();
        redis.Suspend(); // so that it cannot learn of the cancel for a while
        frozen.Signal(UnixSignal.Continue);
        await Task.Delay(TimeSpan.FromSeconds(2)); // the length of that, not a wait for something
        redis.Resume();

        var completed = await service.NextAsync(Patience);
        var outcomes = completed.GetProperty("outcomes");
        Assert.Equal("cancelled", completed.GetProperty("state").GetString());
        Assert.Equal(Devices, outcomes.GetProperty("accepted").GetInt64() + outcomes.GetProperty("cancelled").GetInt64());
        var pushes = installation.Simulator.Recorder.Pushes(id.ToString("N"));
        // Some four hundred were in flight or waited for their turn, and the two seconds permit thousands.
        Assert.Equal(0, pushes.Count(push => push.At > woken));
        Assert.Equal(pushes.Count(push => push.IsAccepted), outcomes.GetProperty("accepted").GetInt64());
    }
}

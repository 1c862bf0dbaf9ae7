using System.Diagnostics;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Hosting;

namespace PushFanout.Integration.Tests;

/// <summary>APNs says that it is overloaded.</summary>
public sealed class OverloadTests
{
    private const int Devices = 20_000;
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_storm_of_503_is_no_retry_storm_and_everybody_is_reached_after_it()
    {
        await using var installation = await TestInstallation.CreateAsync(new SimulatorOptions
        {
            Topics = [TestInstallation.Topic],
            Faults = new FaultPlan(new FaultShare(1, Fault.Answer(503, "ServiceUnavailable"))),
        });
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        var worker = await installation.StartWorkerAsync();
        var pace = worker.Get<AppPaces>().Of(worker.Get<AppCatalog>().Find(TestInstallation.App)!);
        var id = Guid.NewGuid();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));

        await Eventually.TrueAsync(() => pace.PerSecond == AppPace.Slowest, Patience, "the worker is as slow as it gets");
        var (refused, slowed) = (installation.Simulator.Recorder.Answered, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(4)); // the rest of the storm, not a wait for something
        Assert.InRange(installation.Simulator.Recorder.Answered - refused, 0, 100 * Stopwatch.GetElapsedTime(slowed).TotalSeconds);

        installation.Simulator.Faults = FaultPlan.None;
        var completed = await service.NextAsync(Patience);
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(Devices, installation.Simulator.Recorder.Accepted);
        // It grows with every answer; whether the send was long enough for the last step is chance.
        Assert.True(pace.PerSecond is null or > 100 * AppPace.Slowest, $"the pace is still {pace.PerSecond}");
    }
}

using System.Text.Json;
using MassTransit;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Integration.Tests.Upgrades;

/// <summary>Workers are replaced one by one, while the queues are full.</summary>
public sealed class RollingUpgradeTests
{
    private const int Devices = 5_000;
    private const int SmallDevices = 150;
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task Workers_of_this_build_and_the_next_share_full_queues_and_every_device_gets_its_push_once()
    {
        await using var installation = await TestInstallation.CreateAsync();
        installation.Set("Expansion:BatchTokens", "50");
        installation.Set("Expansion:RangeTokens", "500");
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        var service = await installation.ConnectAsync();
        var old = await installation.StartWorkerAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, "#");

        // Paused in the middle: batches and ranges of this build lie in the queues, and its tick circles.
        var broadcast = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(broadcast, """{"anyOf":["all"]}""", """{"pushesPerSecond":500}"""));
        await Eventually.TrueAsync(() => installation.Simulator.Recorder.Accepted > 0, Patience, "the broadcast is under way");
        await ControlAsync(service, broadcast, "pause");
        await Eventually.TrueAsync(
            async () => (await old.Get<INotificationLedger>().ReadStatusAsync(broadcast, CancellationToken.None))?.State == NotificationState.Paused, Patience, "the broadcast is paused");

        // The next build comes beside it. Both are given work until each has met messages of the other: three batches a time, so that queues which serve
        // their consumers in turn cannot lead each worker's messages back to it for ever.
        var next = new NextBuild();
        var newer = await installation.StartWorkerAsync(next.Shape, worker => worker.Get<IBusControl>().ConnectSendObserver(next));
        var small = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var tokens = Enumerable.Range(Devices + (SmallDevices * small++), SmallDevices).Select(number => Convert.ToHexString(Requests.Token(number)));
                await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), JsonSerializer.Serialize(new { tokens })));
                return next is { ReadOld: > 0, ReadNew: > 0 } && HasLeftNewer(old);
            },
            Patience, "each has met messages of the other");
        await ControlAsync(service, broadcast, "resume");

        // The last one of the old build goes; what it left is done by the next.
        await old.StopAsync();
        var accepted = new Dictionary<Guid, long>();
        while (accepted.Count <= small)
        {
            var completed = await service.NextAsync(Patience);
            Assert.True(completed.GetProperty("exact").GetBoolean());
            // The last batches of two workers may both see the end: the same result again.
            var (id, outcome) = (completed.GetProperty("notificationId").GetGuid(), completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
            Assert.Equal(accepted.GetValueOrDefault(id, outcome), outcome);
            accepted[id] = outcome;
        }
        var devices = Devices + (SmallDevices * small);
        Assert.Equal(devices, accepted.Values.Sum());
        Assert.Equal((devices, devices), (installation.Simulator.Recorder.Accepted, installation.Simulator.Recorder.Answered));
        Assert.Equal(0u, await service.CountAsync("pushfanout.parked"));
        Assert.True(next.Sent > 0);
        GC.KeepAlive(newer);
    }

    private static Task ControlAsync(PlainAmqpClient service, Guid id, string action) => service.PublishAsync(
        Exchanges.NotificationControl, JsonSerializer.Serialize(new { notificationId = id, action, at = TimeProvider.System.GetUtcNow() }));

    private static bool HasLeftNewer(InProcessWorker worker) =>
        worker.Get<PrometheusExporter>().Scrape().Contains("pushfanout_reason=\"newer format\"", StringComparison.Ordinal);
}

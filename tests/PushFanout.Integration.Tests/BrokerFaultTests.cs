using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Integration.Tests;

/// <summary>The broker is frozen or killed in the middle of a send, again and again: no publish hangs, every queue is consumed again, nothing is lost.</summary>
public sealed class BrokerFaultTests(BrokerFaultTests.Broker broker) : IClassFixture<BrokerFaultTests.Broker>
{
    private const int Workers = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>How long until every queue has its consumers again.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    [Fact]
    public Task A_broker_frozen_and_thawed_leaves_no_publish_hanging() => FreezeAsync(devices: 12_000, perSecond: 1_000, [3, 3]);

    [Fact, Trait("Length", "Long")]
    public Task A_broker_frozen_and_thawed_ten_times_leaves_no_publish_hanging() =>
        FreezeAsync(devices: 100_000, perSecond: 1_000, [45, 5, 15, 25, 35, 20, 30, 10, 40, 45]);

    [Fact, Trait("Length", "Long")]
    public Task Consumers_come_back_after_each_of_two_broker_kills() => KillAsync(devices: 6_000, perSecond: 1_000, kills: 2, away: TimeSpan.Zero);

    [Fact, Trait("Length", "Long")]
    public Task Consumers_come_back_after_each_of_ten_broker_kills() => KillAsync(devices: 100_000, perSecond: 1_500, kills: 10, away: TimeSpan.FromSeconds(45));

    [Fact, Trait("Length", "Long")]
    public async Task A_worker_is_stopped_in_time_while_the_broker_is_frozen()
    {
        await using var installation = await InstallAsync(devices: 10_000, perSecond: 1_000);
        var worker = await installation.StartWorkerProcessAsync();
        await PublishAsync(installation);
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(1_000, Patience));

        broker.Server.Suspend();
        worker.Signal(UnixSignal.Terminate);
        await worker.WaitForExitAsync(TimeSpan.FromSeconds(40));
        broker.Server.Resume();
    }

    private async Task FreezeAsync(int devices, int perSecond, int[] seconds)
    {
        await using var installation = await InstallAsync(devices, perSecond);
        var worker = await installation.StartWorkerAsync();
        await installation.StartWorkerProcessAsync();
        var id = await PublishAsync(installation);
        for (var freeze = 0; freeze < seconds.Length; freeze++)
        {
            await ProgressAsync(installation, devices * (freeze + 1) / (seconds.Length + 2));
            broker.Server.Suspend();
            await Task.Delay(TimeSpan.FromSeconds(seconds[freeze])); // the length of the fault, not a wait for something
            broker.Server.Resume();
            Assert.True(installation.Simulator.Recorder.Accepted < devices, "the send was over before the last freeze; nothing was tested");
        }
        await AssertCompleteAsync(installation, id, devices);
        var unconfirmed = worker.Get<UnconfirmedPublishes>();
        await Eventually.TrueAsync(() => unconfirmed.Count == 0, Patience, "no publish waits for its confirmation");
    }

    private async Task KillAsync(int devices, int perSecond, int kills, TimeSpan away)
    {
        await using var installation = await InstallAsync(devices, perSecond);
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var id = await PublishAsync(installation);
        for (var kill = 0; kill < kills; kill++)
        {
            await ProgressAsync(installation, devices * (kill + 1) / (kills + 2));
            await broker.Server.KillAsync();
            await Task.Delay(away); // the length of the fault, not a wait for something
            await broker.Server.RestartAsync();
            await Eventually.TrueAsync(EveryQueueIsConsumedAsync, Recovery, "every queue has the consumers of both workers");
        }
        await AssertCompleteAsync(installation, id, devices);
    }

    private async Task<TestInstallation> InstallAsync(int devices, int perSecond)
    {
        var installation = await TestInstallation.CreateAsync(new SimulatorOptions { Topics = [TestInstallation.Topic] }, rabbitMq: broker.Server.Uri);
        await installation.ImportAsync(Enumerable.Range(0, devices).Select(number => Requests.Device(number)));
        for (var number = 0; number < devices; number += 50)
        {
            installation.Simulator.Tokens.Answer(Requests.Token(number), 410, "Unregistered"); // reports of these are publishes too
        }
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", $"{perSecond}");
        installation.Set("Expansion:RangeTokens", "2000");
        installation.Set("Expansion:WindowRanges", "4");
        installation.Set("RabbitMq:PublishTimeout", "00:00:02");
        return installation;
    }

    private static async Task<Guid> PublishAsync(TestInstallation installation)
    {
        var id = Guid.NewGuid();
        await using var service = await PlainAmqpClient.ConnectAsync(installation.RabbitMq);
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        return id;
    }

    private static async Task ProgressAsync(TestInstallation installation, int answered) =>
        Assert.True(await installation.Simulator.Recorder.WaitForAnsweredAsync(answered, Patience), $"the send comes to {answered} answers");

    private static async Task AssertCompleteAsync(TestInstallation installation, Guid id, int devices)
    {
        var status = await CompletedSend.ReadAsync(installation, id, Patience);
        var unregistered = (devices + 49) / 50;
        Assert.Equal((devices, devices - unregistered, unregistered), (status.Audience, status.Accepted, status.Unregistered));
        var pushes = installation.Simulator.Recorder.Pushes(id.ToString("N"));
        Assert.Equal(devices, pushes.Select(push => push.TokenHash).Distinct().Count());
        await using var service = await PlainAmqpClient.ConnectAsync(installation.RabbitMq);
        Assert.Equal(0u, await service.CountAsync("pushfanout.parked"));
    }

    private async Task<bool> EveryQueueIsConsumedAsync()
    {
        var queues = (await broker.Server.ControlAsync("list_queues", "name", "consumers", "--quiet")).Split('\n')
            .Select(line => line.Split('\t')).Where(columns => columns is [['p', 'u', 's', 'h', ..], _])
            .ToDictionary(columns => columns[0], columns => columns[1]);
        return QueueNames.Returning.All(queue => queues.GetValueOrDefault(queue) == $"{Workers}");
    }

    /// <summary>A broker that only these tests use, one after the other.</summary>
    public sealed class Broker : IAsyncLifetime
    {
        public RabbitMqServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await RabbitMqServer.StartAsync();

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}

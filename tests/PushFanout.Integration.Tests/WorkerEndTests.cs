using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests;

/// <summary>A worker ends in the middle of a send, the way operators and machines end it.</summary>
public sealed class WorkerEndTests
{
    private const int Devices = 20_000;

    [Fact]
    public async Task A_worker_stopped_with_SIGTERM_loses_nothing_and_sends_nothing_twice()
    {
        await using var installation = await InstallAsync();
        var worker = await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var (service, id) = await SendAsync(installation);

        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Eventually.Patience));
        worker.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await worker.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before the worker stopped; nothing was tested");
        await installation.StartWorkerProcessAsync();

        var completed = await service.NextAsync(TimeSpan.FromMinutes(2));
        AssertEveryDeviceAccepted(completed, id);
        Assert.Equal(Devices, installation.Simulator.Recorder.Accepted);
        Assert.Equal(0, installation.Simulator.Recorder.Duplicates);
    }

    [Fact, Trait("Length", "Long")]
    public async Task A_worker_killed_with_SIGKILL_loses_nothing()
    {
        await using var installation = await InstallAsync();
        var worker = await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var (service, id) = await SendAsync(installation);

        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Eventually.Patience));
        await worker.KillAsync();
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before the worker was killed; nothing was tested");
        await installation.StartWorkerProcessAsync();

        var completed = await service.NextAsync(TimeSpan.FromMinutes(2));
        AssertEveryDeviceAccepted(completed, id);
        Assert.Equal(Devices, installation.Simulator.Recorder.Pushes(id.ToString("N")).Where(push => push.IsAccepted).Select(push => push.TokenHash).Distinct().Count());
        // What was under way when it died may have been accepted unheard: bounded by its streams in flight and one checkpoint.
        Assert.InRange(installation.Simulator.Recorder.Duplicates, 0, 4_000);
    }

    private static async Task<TestInstallation> InstallAsync()
    {
        // Slow enough that a send of 20,000 is still under way when something happens at a quarter of it.
        var installation = await TestInstallation.CreateAsync(new SimulatorOptions
        {
            Topics = [TestInstallation.Topic],
            Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(30)),
        });
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "2500");
        return installation;
    }

    private static async Task<(PlainAmqpClient Service, Guid Id)> SendAsync(TestInstallation installation)
    {
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        var id = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        return (service, id);
    }

    private static void AssertEveryDeviceAccepted(System.Text.Json.JsonElement completed, Guid id)
    {
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
        Assert.Equal(Devices, completed.GetProperty("audience").GetInt64());
        var outcomes = completed.GetProperty("outcomes");
        Assert.Equal(Devices, outcomes.GetProperty("accepted").GetInt64());
        Assert.Equal(0, outcomes.GetProperty("undeliverable").GetInt64());
        Assert.Equal(0, outcomes.GetProperty("expired").GetInt64());
    }
}

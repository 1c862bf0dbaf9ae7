using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>Redis breaks in the middle of a send: killed and back with its data, or back with nothing.</summary>
public sealed class RedisLossTests
{
    private const int Devices = 20_000;
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task A_redis_that_is_killed_and_comes_back_with_its_data_costs_nothing()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        await using var installation = await InstallAsync(redis);
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var (service, id) = await SendAsync(installation);

        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Patience));
        await redis.KillAsync();
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before Redis was killed; nothing was tested");
        await redis.RestartAsync();

        var completed = await service.NextAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
        Assert.Equal(Devices, completed.GetProperty("audience").GetInt64());
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.True(completed.GetProperty("exact").GetBoolean());
        Assert.Equal(Devices, DevicesReached(installation, id));
        Assert.Equal(0u, await service.CountAsync("pushfanout.parked"));
    }

    [Fact, Trait("Length", "Long")]
    public async Task A_minute_without_redis_parks_nothing_and_the_send_goes_on_within_30_seconds()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        await using var installation = await InstallAsync(redis);
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var (service, id) = await SendAsync(installation);

        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Patience));
        await redis.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(60)); // the length of the fault, not a wait for something
        var before = installation.Simulator.Recorder.Accepted;
        Assert.True(before < Devices, "the send was over before Redis was killed; nothing was tested");
        await redis.RestartAsync();
        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(before + 1, Patience), "the send goes on");

        var completed = await service.NextAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(Devices, DevicesReached(installation, id));
        Assert.Equal(0u, await service.CountAsync("pushfanout.parked"));
    }

    [Fact]
    public async Task A_redis_that_lost_everything_costs_duplicates_and_no_device()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var installation = await InstallAsync(redis);
        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var (service, id) = await SendAsync(installation);

        Assert.True(await installation.Simulator.Recorder.WaitForAcceptedAsync(Devices / 4, Patience));
        Assert.Equal("OK", await redis.CommandAsync("FLUSHALL"));
        Assert.True(installation.Simulator.Recorder.Accepted < Devices, "the send was over before the loss; nothing was tested");
        await ImportAsync(installation);

        var completed = await service.NextAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
        Assert.Equal("order 17", completed.GetProperty("reference").GetString());
        Assert.Equal(Devices, completed.GetProperty("audience").GetInt64());
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.False(completed.GetProperty("exact").GetBoolean());
        Assert.Equal(Devices, DevicesReached(installation, id));
        // Once more at most, and always as the same notification, of which a device shows one.
        var pushes = installation.Simulator.Recorder.Pushes(id.ToString("N")).Count(push => push.IsAccepted);
        Assert.InRange(pushes, Devices, 2 * Devices);
        Assert.Equal(pushes, installation.Simulator.Recorder.Accepted);
        Assert.Equal(0u, await service.CountAsync("pushfanout.parked"));
    }

    [Fact]
    public async Task A_send_of_one_batch_ends_as_usual_after_its_books_are_lost()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var installation = await InstallAsync(redis);
        await installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), UserId: "alice"), CancellationToken.None);
        await installation.StartWorkerProcessAsync();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        // No push of it succeeds before its books are gone.
        installation.Simulator.Tokens.Answer(Requests.Token(1), 503, "ServiceUnavailable");
        var id = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"users":["alice"]}""", """{"reference":"order 18"}"""));
        Assert.True(await installation.Simulator.Recorder.WaitForAnsweredAsync(1, Patience));
        await redis.CommandAsync("FLUSHALL");
        installation.Simulator.Tokens.Answer(Requests.Token(1), 200, null);

        var completed = await service.NextAsync(TimeSpan.FromMinutes(2));
        Assert.Equal((id, "order 18"), (completed.GetProperty("notificationId").GetGuid(), completed.GetProperty("reference").GetString()));
        Assert.Equal(1, completed.GetProperty("audience").GetInt64());
        Assert.Equal(1, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.False(completed.GetProperty("exact").GetBoolean());
    }

    private static async Task<TestInstallation> InstallAsync(RedisServer redis)
    {
        // Slow enough that a send of 20,000 is still under way when something happens at a quarter of it.
        var installation = await TestInstallation.CreateAsync(
            new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(30)) }, redis: redis.ConnectionString);
        await ImportAsync(installation);
        installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "2500");
        installation.Set("Expansion:RangeTokens", "2000");
        installation.Set("Expansion:WindowRanges", "4");
        return installation;
    }

    private static async Task ImportAsync(TestInstallation installation)
    {
        await installation.Devices.OpenAppAsync(TestInstallation.App, 1024, CancellationToken.None);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
    }

    private static async Task<(PlainAmqpClient Service, Guid Id)> SendAsync(TestInstallation installation)
    {
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        var id = Guid.NewGuid();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}""", """{"reference":"order 17"}"""));
        return (service, id);
    }

    private static int DevicesReached(TestInstallation installation, Guid id) => installation.Simulator.Recorder
        .Pushes(id.ToString("N")).Where(push => push.IsAccepted).Select(push => push.TokenHash).Distinct().Count();
}

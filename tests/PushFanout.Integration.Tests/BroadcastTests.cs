using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests;

/// <summary>The main job: real RabbitMQ, real Redis, two worker processes, the simulator over TLS.</summary>
public sealed class BroadcastTests
{
    private const int Devices = 50_000;

    [Fact]
    public async Task Two_workers_push_once_to_each_device_of_an_audience_expression_and_remove_the_unregistered()
    {
        await using var installation = await TestInstallation.CreateAsync();
        // Three overlapping audiences; the expression is (even or early) and in three, and not in ten.
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number, AudiencesOf(number))));
        var expected = Enumerable.Range(0, Devices).Where(n => (n % 2 == 0 || n < 10_000) && n % 3 == 0 && n % 10 != 0).ToList();
        var gone = expected.Where(n => n % 13 == 0).ToList(); // fewer than would open the brake
        var since = TimeProvider.System.GetUtcNow();
        foreach (var number in gone)
        {
            installation.Simulator.Tokens.Answer(Requests.Token(number), 410, "Unregistered", since);
        }
        // Registered again after APNs called it dead: must be kept.
        var returned = gone[0];
        await installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(returned), since.AddSeconds(30), Audiences: AudiencesOf(returned)), CancellationToken.None);

        await installation.StartWorkerProcessAsync();
        await installation.StartWorkerProcessAsync();
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        await service.ListenAsync(Exchanges.DevicesRetired, $"{TestInstallation.App}.#");
        var id = Guid.NewGuid();
        await service.PublishAsync(
            Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["even","early"],"allOf":["three"],"noneOf":["ten"]}""", """{"reference":"order 17"}"""));

        var (completed, retired) = await ReadAsync(service, gone.Count - 1);
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
        Assert.Equal("completed", completed.GetProperty("state").GetString());
        Assert.Equal("order 17", completed.GetProperty("reference").GetString());
        Assert.Equal(expected.Count, completed.GetProperty("audience").GetInt64());
        Assert.Equal(expected.Count - gone.Count, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(gone.Count, completed.GetProperty("outcomes").GetProperty("unregistered").GetInt64());
        Assert.True(completed.GetProperty("exact").GetBoolean());

        var accepted = installation.Simulator.Recorder.Pushes(id.ToString("N")).Where(push => push.IsAccepted).Select(push => push.TokenHash).Order().ToList();
        Assert.Equal(expected.Except(gone).Select(n => DeviceTokenHash.Of(Requests.Token(n))).Order().ToList(), accepted);
        Assert.Equal(gone.Count - 1, retired);
        Assert.Equal(Devices - (gone.Count - 1), await installation.CountAsync("all"));
        Assert.Single(await installation.Devices.FindDevicesAsync(TestInstallation.App, DeviceSelector.ByToken(Requests.Token(returned)), CancellationToken.None));
    }

    private static string[] AudiencesOf(int number) =>
    [
        .. number % 2 == 0 ? new[] { "even" } : [],
        .. number < 10_000 ? new[] { "early" } : [],
        .. number % 3 == 0 ? new[] { "three" } : [],
        .. number % 10 == 0 ? new[] { "ten" } : [],
    ];

    /// <summary>Reads until the end was reported and so many devices were retired; they come in any order.</summary>
    private static async Task<(System.Text.Json.JsonElement Completed, int Retired)> ReadAsync(PlainAmqpClient service, int retiredExpected)
    {
        System.Text.Json.JsonElement? completed = null;
        var retired = 0;
        while (completed is null || retired < retiredExpected)
        {
            var result = await service.NextAsync();
            if (result.TryGetProperty("devices", out var devices))
            {
                retired += devices.GetArrayLength();
            }
            else
            {
                Assert.Null(completed);
                completed = result;
            }
        }
        return (completed.Value, retired);
    }
}

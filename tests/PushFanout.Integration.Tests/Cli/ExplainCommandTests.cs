using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>"Why did X not get the push?", asked as an operator does, on a real broker and Redis.</summary>
public sealed class ExplainCommandTests : IAsyncLifetime
{
    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;
    private InProcessWorker _worker = null!;
    private string _url = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync();
        _url = $"http://127.0.0.1:{FreePort.Next()}";
        _installation.Set("Http:Urls", _url);
        _installation.Set("Expansion:RangeTokens", "500");
        _installation.Set("Expansion:BatchTokens", "100");
        _worker = await _installation.StartWorkerAsync();
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    [Fact]
    public async Task After_a_broadcast_each_kind_of_device_hears_its_own_truth_and_the_apns_id_is_the_one_that_APNs_saw()
    {
        await _installation.ImportAsync(Enumerable.Range(0, 2_000).Select(number => Requests.Device(number, "news")));
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), "phone", "alice", ["news"]), default);
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(5_000), TimeProvider.System.GetUtcNow(), "tablet", "alice"), default);
        _installation.Simulator.Tokens.Answer(Requests.Token(2), 410, "Unregistered");
        var id = await SendAsync("""{"anyOf":["news"]}""");
        await _service.NextAsync();

        using var accepted = JsonDocument.Parse((await ExplainAsync(0, id, "--device", "phone", "--json")).Output);
        var device = accepted.RootElement.GetProperty("devices")[0];
        Assert.Equal("accepted", device.GetProperty("outcome").GetString());
        Assert.Contains(_installation.Simulator.Recorder.Pushes(), push => push.ApnsId == device.GetProperty("apnsId").GetGuid());

        Assert.Contains("no longer on the device", (await ExplainAsync(0, id, "--token", Convert.ToHexString(Requests.Token(2)))).Output, StringComparison.Ordinal);
        var both = (await ExplainAsync(0, id, "--user", "alice")).Output;
        Assert.Contains("1 of 2 devices: accepted", both, StringComparison.Ordinal);
        Assert.Contains("not in the audience", both, StringComparison.Ordinal);
        await ExplainAsync(1, id, "--user", "nobody");
        await ExplainAsync(1, Guid.NewGuid(), "--user", "alice");
        Assert.Contains("invalid_token", (await ExplainAsync(2, id, "--token", "xyz")).Error, StringComparison.Ordinal);
        var byInput = await Run.WithInputAsync(Convert.ToHexString(Requests.Token(2)) + "\n", "explain", $"{id}", "--url", _url, "--token", "-");
        Assert.Contains("no longer on the device", byInput.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_a_send_waits_for_its_retry_the_device_is_pending_with_its_attempts_and_expired_after_its_deadline()
    {
        await _installation.Devices.RegisterAsync(
            TestInstallation.App, new DeviceRegistration(Requests.Token(1), TimeProvider.System.GetUtcNow(), "phone", "alice"), default);
        _installation.Simulator.Tokens.Answer(Requests.Token(1), 503, "ServiceUnavailable", times: 1_000);
        var pending = await SendAsync("""{"users":["alice"]}""");
        await Eventually.TrueAsync(
            async () => (await Run.OfAsync("explain", $"{pending}", "--url", _url, "--device", "phone")).Output.Contains("attempts so far", StringComparison.Ordinal),
            Eventually.Patience, "an attempt is known");

        var late = await SendAsync("""{"users":["alice"]}""", $$"""{"deadline":"{{TimeProvider.System.GetUtcNow().AddSeconds(4):O}}"}""");
        Assert.Equal(late, (await _service.NextAsync()).GetProperty("notificationId").GetGuid());
        Assert.Contains("deadline had passed", (await ExplainAsync(0, late, "--device", "phone")).Output, StringComparison.Ordinal);
    }

    private async Task<Guid> SendAsync(string audience, string? more = null)
    {
        var id = Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, audience, more));
        await Eventually.TrueAsync(
            async () => await _worker.Get<INotificationLedger>().ReadStatusAsync(id, default) is not null, Eventually.Patience, "the notification is known");
        return id;
    }

    private async Task<Run> ExplainAsync(int exitCode, Guid id, params string[] question)
    {
        var run = await Run.OfAsync(["explain", $"{id}", "--url", _url, .. question]);
        Assert.True(run.ExitCode == exitCode, run.Output + run.Error);
        return run;
    }
}

using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Brakes;

namespace PushFanout.Integration.Tests;

/// <summary>What a mistake of ours costs: a wrong environment, a wrong key; on real RabbitMQ and Redis, several workers.</summary>
public sealed class BrakeTests : IAsyncLifetime, IDisposable
{
    private const int Workers = 4;
    private const int Devices = 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;
    private RedisBrakeBooks _brakes = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync(new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50)) });
        _installation.Set("Brake:Window", "00:00:05");
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}") };
        _brakes = new RedisBrakeBooks(_installation.Redis, BrakeRules.Of(new()));
        await _installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_wrong_environment_stops_at_1000_pushes_removes_nothing_and_after_a_resume_every_device_is_reached()
    {
        _installation.Simulator.Tokens.WrongEnvironment = true;
        await StartWorkersAsync(Workers);
        var id = await SendAsync();
        await OpensAsync();
        await Eventually.TrueAsync(async () => (await MetricAsync("pushfanout_brake_open")) == "1", Patience, "the metric that alerts");

        // Longer than the brake's window and the waits of what rests: whatever was to go on by itself would have by now.
        Assert.False(await _installation.Simulator.Recorder.WaitForAnsweredAsync(1001, TimeSpan.FromSeconds(12)), "more than 1,000 pushes were sent");
        Assert.True((await _brakes.ReadAsync(TestInstallation.App, default)).Open);
        Assert.Equal(Devices, await _installation.CountAsync("all"));
        Assert.Equal("braked", (await ShownAsync(id)).GetProperty("state").GetString());

        _installation.Simulator.Tokens.WrongEnvironment = false;
        await ControlAsync(id, "resume");
        var completed = await _service.NextAsync(Patience);
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal("completed", completed.GetProperty("state").GetString());
        Assert.Equal(Devices, await _installation.CountAsync("all"));
        Assert.Equal(0, _installation.Simulator.Recorder.Duplicates);
    }

    [Fact]
    public async Task A_key_that_APNs_refuses_costs_few_pushes_and_the_send_goes_on_when_it_is_known_again()
    {
        await StartWorkersAsync(2);
        var key = SimulatorKey.FromP8File(_installation.Simulator.DemoKeyFile!, "DEMOTEAM01", "DEMOKEY001");
        _installation.Simulator.RemoveKey("DEMOKEY001");
        var id = await SendAsync();
        await Eventually.TrueAsync(
            async () => (await _brakes.ReadAsync(TestInstallation.App, default)).RestsUntil is not null, Patience, "the app rests because of its credential");
        Assert.False(await _installation.Simulator.Recorder.WaitForAnsweredAsync(1001, TimeSpan.FromSeconds(5)), "more than 1,000 pushes were sent");

        _installation.Simulator.AddKey(key);
        await ControlAsync(id, "resume");
        Assert.Equal(Devices, (await _service.NextAsync(Patience)).GetProperty("outcomes").GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task Too_many_unregistered_are_held_until_an_operator_releases_them_and_then_removed()
    {
        await StartWorkersAsync(2);
        _installation.Simulator.Tokens.UnregisteredShare = 0.3;
        var id = await SendAsync();
        await OpensAsync();
        await Eventually.TrueAsync(
            async () => (await _brakes.ReadAsync(TestInstallation.App, default)).Quarantined.GetValueOrDefault("Unregistered") > 0, Patience, "reports are in quarantine");
        var removed = Devices - await _installation.CountAsync("all");
        Assert.InRange(removed, 0, 1000);

        Assert.True((await _http.PostAsync($"/api/apps/{TestInstallation.App}/brake/release", null)).IsSuccessStatusCode);
        var completed = await _service.NextAsync(Patience);
        var unregistered = completed.GetProperty("outcomes").GetProperty("unregistered").GetInt64();
        Assert.InRange(unregistered, 0.25 * Devices, 0.35 * Devices);
        Assert.Equal(Devices, unregistered + completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        await Eventually.TrueAsync(async () => await _installation.CountAsync("all") == Devices - unregistered, Patience, "what was in quarantine is removed");
        Assert.Equal(id, completed.GetProperty("notificationId").GetGuid());
    }

    [Fact]
    public async Task A_few_bad_tokens_are_rejected_once_the_window_has_closed_quarantined_and_kept()
    {
        await StartWorkersAsync(1);
        int[] bad = [.. Enumerable.Range(0, 200)];
        foreach (var number in bad)
        {
            _installation.Simulator.Tokens.Answer(Requests.Token(number), 400, "BadDeviceToken");
        }
        await SendAsync();

        var completed = await _service.NextAsync(Patience);
        Assert.Equal(bad.Length, completed.GetProperty("outcomes").GetProperty("rejected").GetInt64());
        Assert.Equal(Devices - bad.Length, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(bad.Length, (await _brakes.ReadAsync(TestInstallation.App, default)).Quarantined["BadDeviceToken"]);
        Assert.Equal(Devices, _installation.Simulator.Recorder.Answered); // each was asked once
        Assert.Equal(Devices, await _installation.CountAsync("all"));
    }

    private async Task StartWorkersAsync(int workers)
    {
        _installation.Set("Http:Urls", _http.BaseAddress!.ToString());
        await _installation.StartWorkerProcessAsync();
        _installation.Set("Http:Urls", "http://127.0.0.1:0");
        await Task.WhenAll(Enumerable.Range(1, workers - 1).Select(_ => _installation.StartWorkerProcessAsync()));
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
    }

    private async Task<Guid> SendAsync()
    {
        var id = Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));
        return id;
    }

    private Task ControlAsync(Guid id, string action) => _service.PublishAsync(
        Exchanges.NotificationControl, $$"""{"notificationId":"{{id}}","action":"{{action}}","at":"{{TimeProvider.System.GetUtcNow():O}}"}""");

    private Task OpensAsync() => Eventually.TrueAsync(
        async () => (await _brakes.ReadAsync(TestInstallation.App, default)).Open, Patience, "the brake opens");

    private async Task<System.Text.Json.JsonElement> ShownAsync(Guid id) =>
        System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(await _http.GetStringAsync($"/api/notifications/{id}"));

    private async Task<string?> MetricAsync(string name) =>
        (await _http.GetStringAsync("/metrics")).Split('\n').FirstOrDefault(line => line.StartsWith(name + "{", StringComparison.Ordinal))?.Split(' ')[^1];
}

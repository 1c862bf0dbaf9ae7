using System.Text.Json;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using PushFanout.Worker.Ledger;

namespace PushFanout.Integration.Tests;

/// <summary>An operator pauses, resumes and cancels what is under way, by message.</summary>
public sealed class ControlTests : IAsyncLifetime
{
    private const int Devices = 30_000;
    private static readonly TimeSpan Patience = Eventually.Patience;

    private TestInstallation _installation = null!;
    private PlainAmqpClient _service = null!;
    private InProcessWorker _worker = null!;

    public async Task InitializeAsync()
    {
        _installation = await TestInstallation.CreateAsync(new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20)) });
        _installation.Set($"Apps:{TestInstallation.App}:PushesPerSecond", "4000");
        _installation.Set("Expansion:RangeTokens", "2000");
        _installation.Set("Expansion:WindowRanges", "4");
        await _installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        _worker = await _installation.StartWorkerAsync();
        _service = await _installation.ConnectAsync();
        await _service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
    }

    public async Task DisposeAsync() => await _installation.DisposeAsync();

    [Fact]
    public async Task A_paused_send_stands_still_and_completes_after_resume()
    {
        var id = await SendAsync();
        Assert.True(await _installation.Simulator.Recorder.WaitForAcceptedAsync(2_000, Patience));
        await ControlAsync(id, "pause");
        await StateIsAsync(id, NotificationState.Paused);
        await _installation.StandsStillAsync();
        var accepted = _installation.Simulator.Recorder.Accepted;
        Assert.True(accepted < Devices, "the send was over before the pause; nothing was tested");
        Assert.False(await _installation.Simulator.Recorder.WaitForAcceptedAsync(accepted + 1, TimeSpan.FromSeconds(3)));

        await ControlAsync(id, "resume");
        var completed = await _service.NextAsync(Patience);
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("accepted").GetInt64());
        Assert.Equal(0, _installation.Simulator.Recorder.Duplicates);
    }

    [Fact]
    public async Task A_cancelled_send_ends_with_every_device_accounted_for()
    {
        var id = await SendAsync();
        Assert.True(await _installation.Simulator.Recorder.WaitForAcceptedAsync(2_000, Patience));
        await ControlAsync(id, "cancel");

        var completed = await _service.NextAsync(Patience);
        Assert.Equal("cancelled", completed.GetProperty("state").GetString());
        var outcomes = completed.GetProperty("outcomes");
        Assert.Equal(Devices, completed.GetProperty("audience").GetInt64());
        Assert.Equal(Devices, outcomes.GetProperty("accepted").GetInt64() + outcomes.GetProperty("cancelled").GetInt64());
        Assert.Equal(_installation.Simulator.Recorder.Accepted, outcomes.GetProperty("accepted").GetInt64());
        Assert.True(outcomes.GetProperty("cancelled").GetInt64() > 0, "the send was over before the cancel; nothing was tested");
    }

    [Fact]
    public async Task A_cancel_that_comes_before_the_request_holds()
    {
        var id = Guid.NewGuid();
        await ControlAsync(id, "cancel");
        await Eventually.TrueAsync(async () => await _service.CountAsync("pushfanout.notification-control") == 0, Patience, "the cancel was read");
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}"""));

        var completed = await _service.NextAsync();
        Assert.Equal(Devices, completed.GetProperty("outcomes").GetProperty("cancelled").GetInt64());
        Assert.Equal(0, _installation.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task A_send_that_reaches_its_deadline_ends_expired()
    {
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(4);
        await SendAsync($$"""{"deadline":"{{deadline:O}}","pushesPerSecond":1000}"""); // work for half a minute

        var completed = await _service.NextAsync(Patience);
        var outcomes = completed.GetProperty("outcomes");
        Assert.Equal(Devices, outcomes.GetProperty("accepted").GetInt64() + outcomes.GetProperty("expired").GetInt64());
        Assert.True(outcomes.GetProperty("expired").GetInt64() > 0);
        Assert.All(_installation.Simulator.Recorder.Pushes(), push => Assert.True(push.At < deadline.AddSeconds(10)));
    }

    private async Task<Guid> SendAsync(string? more = null)
    {
        var id = Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["all"]}""", more));
        return id;
    }

    private Task ControlAsync(Guid id, string action) => _service.PublishAsync(
        Exchanges.NotificationControl, JsonSerializer.Serialize(new { notificationId = id, action, at = TimeProvider.System.GetUtcNow() }));

    private Task StateIsAsync(Guid id, NotificationState state) => Eventually.TrueAsync(
        async () => (await _worker.Get<INotificationLedger>().ReadStatusAsync(id, CancellationToken.None))?.State == state, Patience, $"the notification is {state}");
}

using System.Diagnostics;
using System.Globalization;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using Xunit.Abstractions;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>
/// Faults as an operator knows them, each on an installation that sends all the time, and the alert that names it; in a real Prometheus whose clock,
/// by the shipped rules, runs twenty times faster. <c>docs/runbook.md</c> has what was seen.
/// </summary>
[Trait("Length", "Long")]
public sealed class AlertingTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Faster = 20;
    private const int Devices = 3_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<IAsyncDisposable> _servers = [];
    private ObservedInstallation _observed = null!;
    private PlainAmqpClient _service = null!;
    private Task _sending = Task.CompletedTask;

    private TestInstallation Installation => _observed.Installation;

    private SimulatorHost Apns => _observed.Installation.Simulator;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        if (_observed is not null) // else it did not start
        {
            await _observed.DisposeAsync();
        }
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Nothing_fires_while_all_is_well()
    {
        await StartAsync(faster: 6); // a busy machine answers a scrape late: that is no fault
        await Task.Delay(TimeSpan.FromSeconds(90)); // nine minutes of the rules' time
        var fired = await _observed.Prometheus.QueryAsync("""count_over_time(ALERTS{alertstate="firing"}[2m])""");
        Assert.Equal("", string.Join(", ", fired.Select(alert => alert["alertname"])));
        Assert.True(await _observed.Prometheus.SumAsync("pushfanout_push_outcomes_total{pushfanout_outcome=\"accepted\"}") > Devices);
    }

    [Fact]
    public async Task The_last_worker_is_killed()
    {
        await StartAsync();
        await _observed.Worker.KillAsync();
        await FiresAsync("PushFanoutNoWorker");
        await FiresAsync("PushFanoutWorkerDown");
    }

    [Fact]
    public async Task RabbitMQ_stands_still()
    {
        var broker = await StartAsync(ownBroker: true);
        broker!.Suspend();
        await FiresAsync("PushFanoutPublishUnconfirmed");
        await FiresAsync("PushFanoutRabbitMqUnreachable");
        await FiresAsync("PushFanoutRabbitMqDown");
        broker.Resume();
        await EndsAsync("PushFanoutRabbitMqUnreachable");
    }

    [Fact]
    public async Task RabbitMQ_is_out_of_memory()
    {
        var broker = await StartAsync(ownBroker: true);
        await broker!.ControlAsync("set_vm_memory_high_watermark", "absolute", "1MB");
        await FiresAsync("PushFanoutRabbitMqAlarm");
        await broker.ControlAsync("set_vm_memory_high_watermark", "absolute", "2GB");
        await EndsAsync("PushFanoutRabbitMqAlarm");
    }

    [Fact]
    public async Task Redis_is_away()
    {
        await StartAsync();
        _observed.Redis.Suspend();
        await FiresAsync("PushFanoutRedisFails");
        _observed.Redis.Resume();
        await EndsAsync("PushFanoutRedisFails");
    }

    [Fact]
    public async Task Redis_forgets_everything_in_the_middle_of_a_send()
    {
        await StartAsync();
        Assert.True(await Apns.Recorder.WaitForAcceptedAsync(Devices / 4, Patience));
        Assert.Equal("OK", await _observed.Redis.CommandAsync("FLUSHALL"));
        await FiresAsync("PushFanoutLedgerLost");
    }

    [Fact]
    public async Task Tokens_of_one_environment_are_sent_to_the_other()
    {
        await StartAsync();
        Apns.Tokens.WrongEnvironment = true;
        await FiresAsync("PushFanoutBrakeOpen");
    }

    [Fact]
    public async Task A_key_is_revoked()
    {
        await StartAsync();
        var key = SimulatorKey.FromP8File(Apns.DemoKeyFile!, "DEMOTEAM01", "DEMOKEY001");
        Apns.RemoveKey("DEMOKEY001");
        await FiresAsync("PushFanoutCredentialRefused");
        Apns.AddKey(key);
        await EndsAsync("PushFanoutCredentialRefused");
    }

    [Fact]
    public async Task A_tenth_of_the_tokens_of_an_imported_base_are_dead()
    {
        await StartAsync(installation => installation.Set("Brake:Share", "0.5")); // it would open first
        Apns.Tokens.UnregisteredShare = 0.08;
        await FiresAsync("PushFanoutDeadTokens");
    }

    [Fact]
    public async Task A_service_publishes_what_nobody_can_read()
    {
        await StartAsync();
        await _service.PublishAsync(Exchanges.NotificationRequested, "not JSON");
        await FiresAsync("PushFanoutParked");
    }

    [Fact]
    public async Task A_service_asks_for_what_APNs_refuses()
    {
        await StartAsync();
        Apns.Faults = new FaultPlan(new FaultShare(0.2, Fault.Answer(400, "BadPriority")));
        await FiresAsync("PushFanoutErrorRatio");
    }

    [Fact]
    public async Task The_way_to_APNs_is_cut()
    {
        FaultProxy? way = null;
        await StartAsync(installation =>
        {
            _servers.Add(way = new FaultProxy(installation.Simulator.Endpoint.Port));
            installation.Set("Apns:EndpointOverride", string.Create(CultureInfo.InvariantCulture, $"https://localhost:{way.Port}"));
            installation.Set("Apns:AnswerTimeout", "00:00:02");
        });
        way!.Refuses = true;
        way.Reset();
        await FiresAsync("PushFanoutApnsUnreachable");
        await FiresAsync("PushFanoutNothingAccepted");
        way.Refuses = false;
        await EndsAsync("PushFanoutApnsUnreachable");
        await EndsAsync("PushFanoutNothingAccepted");
    }

    [Fact]
    public async Task APNs_is_overloaded()
    {
        await StartAsync();
        Apns.Faults = new FaultPlan(new FaultShare(0.5, Fault.Answer(503, "ServiceUnavailable")));
        await FiresAsync("PushFanoutApnsOverloaded");
        Apns.Faults = FaultPlan.None;
        await EndsAsync("PushFanoutApnsOverloaded");
    }

    [Fact]
    public async Task APNs_takes_four_seconds_for_an_answer()
    {
        await StartAsync();
        Apns.Latency = AnswerLatency.Fixed(TimeSpan.FromSeconds(4));
        await FiresAsync("PushFanoutSlowSingleSends");
    }

    [Fact]
    public async Task A_send_is_too_slow_for_its_deadline()
    {
        await StartAsync();
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(5).ToString("O", CultureInfo.InvariantCulture);
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["all"]}""", $$"""{"pushesPerSecond":10,"deadline":"{{deadline}}"}"""));
        await FiresAsync("PushFanoutGivenUp");
    }

    [Fact]
    public async Task A_certificate_has_two_days_left()
    {
        var folder = Directory.CreateTempSubdirectory("pushfanout-alerting-");
        await StartAsync(installation => AppCertificate.Add(installation, folder.FullName, TimeSpan.FromDays(2)));
        await FiresAsync("PushFanoutCertificateExpires");
        await FiresAsync("PushFanoutCertificateExpiresNow");
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task No_worker_has_the_role_that_a_queue_needs()
    {
        await StartAsync(installation => installation.Set("Roles", "intake,expansion,dispatch,http"));
        await FiresAsync("PushFanoutNoConsumer");
    }

    /// <summary>A worker that sends broadcasts and single pushes without an end, as long as RabbitMQ takes them.</summary>
    /// <returns>The broker, when it is this installation's own.</returns>
    private async Task<RabbitMqServer?> StartAsync(Action<TestInstallation>? configure = null, bool ownBroker = false, int faster = Faster)
    {
        RabbitMqServer? broker = null;
        var (virtualHost, metrics) = ownBroker ? await OwnAsync() : await Servers.NewOwnVirtualHostAsync();
        _observed = await ObservedInstallation.StartAsync(
            virtualHost, metrics, new SimulatorOptions
            {
                Topics = [TestInstallation.Topic],
                Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(30)),
                UnregisteredSince = TimeProvider.System.GetUtcNow().AddDays(-1), // before they registered: they stay, and are asked again
            },
            installation => configure?.Invoke(installation), faster);
        await Installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number)));
        _service = await Installation.ConnectAsync();
        _sending = Task.Run(KeepSendingAsync);
        Assert.True(await Apns.Recorder.WaitForAcceptedAsync(50, Patience), "the worker sends");
        // Until Prometheus has seen the worker there is none: what fires then is not the fault's alert.
        await Eventually.TrueAsync(async () => await _observed.Prometheus.SumAsync("sum(pushfanout_push_outcomes_total)") > 0, Patience, "the worker is seen");
        await EndsAsync("PushFanoutNoWorker");
        return broker;

        async Task<(Uri, Uri)> OwnAsync()
        {
            _servers.Add(broker = await RabbitMqServer.StartAsync(new RabbitMqServerOptions { Metrics = true }));
            return (new Uri(broker.Uri, "%2F"), broker.MetricsUri);
        }
    }

    private async Task KeepSendingAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        try
        {
            for (var tick = 0; await timer.WaitForNextTickAsync(_stop.Token); tick++)
            {
                var single = Convert.ToHexStringLower(Requests.Token(tick % Devices));
                var request = tick % 20 == 0
                    ? Requests.Json(Guid.NewGuid(), """{"anyOf":["all"]}""", """{"pushesPerSecond":700}""")
                    : Requests.Json(Guid.NewGuid(), $$"""{"tokens":["{{single}}"]}""");
                // A broker that stands still takes nothing; the next request is another.
                await Task.WhenAny(_service.PublishAsync(Exchanges.NotificationRequested, request), Task.Delay(TimeSpan.FromSeconds(2), _stop.Token));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task FiresAsync(string alert)
    {
        var started = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => (await _observed.Prometheus.FiringAsync()).Contains(alert), Patience, $"{alert} fires");
        output.WriteLine($"{alert} fires after {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s here; at that moment: {string.Join(", ", (await _observed.Prometheus.FiringAsync()).Distinct().Order())}");
    }

    private Task EndsAsync(string alert) =>
        Eventually.TrueAsync(async () => !(await _observed.Prometheus.FiringAsync()).Contains(alert), Patience, $"{alert} ends");
}

using System.Globalization;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.TokenCache;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>
/// Sends of every kind, a wave each second until it is disposed, with a little of everything that goes wrong in a year: so that whatever a dashboard
/// shows has something to show.
/// </summary>
internal sealed class SteadyTraffic : IAsyncDisposable
{
    private const int Base = 300;

    /// <summary>Broadcasts under way above which no more are begun: on a slow machine waves come slower.</summary>
    private const int Outstanding = 12;

    private static readonly string[] Lanes = ["urgent", "normal", "bulk"];
    private static readonly FaultPlan Overload = new(new FaultShare(0.5, Fault.Answer(503, "ServiceUnavailable")));

    private readonly ObservedInstallation _observed;
    private readonly PlainAmqpClient _service;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Guid> _underWay = [];
    private int _next = Base;

    private SteadyTraffic(ObservedInstallation observed, PlainAmqpClient service)
    {
        (_observed, _service) = (observed, service);
        Running = Task.Run(RunAsync);
    }

    /// <summary>Ends when this is disposed, or by a fault.</summary>
    public Task Running { get; }

    /// <summary>Faults that come by themselves.</summary>
    public static FaultPlan Faults { get; } = new(
        new FaultShare(0.02, Fault.Answer(503, "ServiceUnavailable")), new FaultShare(0.005, Fault.Stall()),
        new FaultShare(0.003, Fault.GoAway()), new FaultShare(0.003, Fault.DropConnection()));

    /// <summary>What the worker needs so that all of it happens within seconds.</summary>
    public static void Configure(TestInstallation installation)
    {
        installation.Set("Expansion:BatchTokens", "50"); // so that hundreds of devices are a broadcast
        installation.Set("Expansion:RangeTokens", "200");
        installation.Set("Apns:AnswerTimeout", "00:00:01");
        installation.Set("Redis:Timeout", "00:00:01");
        installation.Set("Brake:Window", "00:00:01");
    }

    public static async Task<SteadyTraffic> StartAsync(ObservedInstallation observed)
    {
        await observed.Installation.ImportAsync(Enumerable.Range(0, Base).Select(number => Requests.Device(number, "base")));
        var service = await observed.Installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
        return new SteadyTraffic(observed, service);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            for (var wave = 0; ; wave++)
            {
                _observed.Installation.Simulator.Faults = wave % 15 == 2 ? Overload : Faults;
                if (wave % 10 == 5)
                {
                    await _observed.Redis.CommandAsync("CLIENT PAUSE 1500"); // longer than the worker waits for a call
                }
                if (_underWay.Count < Outstanding)
                {
                    await SendWaveAsync();
                }
                await second.WaitForNextTickAsync(_stop.Token);
                while (_service.Waiting > 0)
                {
                    _underWay.Remove((await _service.NextAsync()).GetProperty("notificationId").GetGuid());
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test has seen enough.
        }
    }

    private async Task SendWaveAsync()
    {
        var gone = Fresh(20);
        var apns = _observed.Installation.Simulator.Tokens;
        await _observed.Installation.ImportAsync(
            gone.Select(token => new DeviceRegistration(token, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1), Audiences: ["base"])));
        foreach (var token in gone)
        {
            apns.Answer(token, 410, "Unregistered", TimeProvider.System.GetUtcNow());
        }
        foreach (var lane in Lanes)
        {
            _underWay.Add(await PublishAsync("""{"anyOf":["base"]}""", $$"""{"lane":"{{lane}}","pushesPerSecond":400}"""));
        }
        var suspects = Fresh(5);
        foreach (var token in suspects)
        {
            apns.Answer(token, 400, "BadDeviceToken");
        }
        await PublishAsync(Tokens(suspects));
        for (var single = 0; single < 5; single++)
        {
            await PublishAsync(Tokens(Fresh(1)));
        }
        await PublishAsync(Tokens(Fresh(1)), $$"""{"notBefore":"{{In(2)}}"}""");
        await PublishAsync(Tokens(Fresh(10)), $$"""{"pushesPerSecond":1,"deadline":"{{In(2)}}"}""");
        await PublishAsync("""{"anyOf":["no such audience"]}""");
        await _service.PublishAsync(Exchanges.NotificationRequested, "not JSON");
    }

    private async Task<Guid> PublishAsync(string audience, string? more = null)
    {
        var id = Guid.NewGuid();
        await _service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(id, audience, more));
        return id;
    }

    private List<byte[]> Fresh(int count) => [.. Enumerable.Range((_next += count) - count, count).Select(Requests.Token)];

    private static string Tokens(IEnumerable<byte[]> tokens) => $$"""{"tokens":[{{string.Join(',', tokens.Select(token => $"\"{Convert.ToHexStringLower(token)}\""))}}]}""";

    private static string In(int seconds) => (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(seconds)).ToString("O", CultureInfo.InvariantCulture);
}

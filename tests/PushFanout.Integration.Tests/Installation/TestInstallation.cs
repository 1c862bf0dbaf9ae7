using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Integration.Tests.Installation;

/// <summary>Broker, store and simulator for one test, as an operator would set them up; workers are started on it as processes or in this one.</summary>
public sealed class TestInstallation : IAsyncDisposable
{
    public const string App = "shop-ios";
    public const string Topic = "com.example.shop";
    private const string TeamId = "DEMOTEAM01";
    private const string KeyId = "DEMOKEY001";

    private readonly Dictionary<string, string?> _settings = [];
    private readonly List<IAsyncDisposable> _started = [];

    private TestInstallation(Uri rabbitMq, string redis, SimulatorHost simulator)
    {
        RabbitMq = rabbitMq;
        Simulator = simulator;
        var parts = redis.Split(",password=");
        Redis = new RedisConnection(new RedisConnectionOptions
        {
            Endpoints = parts[0],
            Password = parts.ElementAtOrDefault(1),
            KeyPrefix = $"t{Guid.NewGuid():N}"[..9],
            Timeout = TimeSpan.FromSeconds(30), // what a test does itself waits out a slow machine; a worker does not
        });
        Devices = new RedisTokenCache(Redis);
        Set("RabbitMq:Uri", rabbitMq.ToString());
        Set("Redis:Endpoints", parts[0]);
        Set("Redis:KeyPrefix", Redis.KeyPrefix);
        Set("Apns:EndpointOverride", simulator.Endpoint.ToString());
        Set("Apns:TrustedCaFile", simulator.AuthorityFile);
        SetCredential("main");
        SetApp(App, "main");
        Set("Http:Urls", "http://127.0.0.1:0");
        _settings["Logging:LogLevel:Default"] = "Information";
        _settings["Logging:LogLevel:Microsoft"] = "Warning";
        _settings["Logging:LogLevel:MassTransit"] = "Warning";
    }

    public Uri RabbitMq { get; }

    public RedisConnection Redis { get; }

    public ITokenCache Devices { get; }

    public SimulatorHost Simulator { get; }

    public static async Task<TestInstallation> CreateAsync(SimulatorOptions? simulator = null, Uri? rabbitMq = null, string? redis = null)
    {
        var installation = new TestInstallation(
            rabbitMq ?? await Servers.NewVirtualHostAsync(), redis ?? await SharedServers.RedisAsync(),
            await SimulatorHost.StartAsync(simulator ?? new SimulatorOptions { Topics = [Topic] }));
        await installation.Devices.OpenAppAsync(App, 1024, CancellationToken.None);
        return installation;
    }

    /// <summary>One more app for the workers started from now on, with the topic of the first.</summary>
    /// <param name="app">Its name.</param>
    /// <param name="credential">A name of its own for the same key; so it has an APNs client of its own.</param>
    public void AddApp(string app, string credential)
    {
        SetCredential(credential);
        SetApp(app, credential);
    }

    /// <summary>A setting below <c>PushFanout</c> for the workers started from now on.</summary>
    public void Set(string setting, string? value) => SetVariable("PushFanout:" + setting, value);

    /// <summary>Any other setting, of the log or of OpenTelemetry.</summary>
    public void SetVariable(string name, string? value) => _settings[name] = value;

    /// <summary>All settings, as a process takes them.</summary>
    public IReadOnlyDictionary<string, string?> EnvironmentVariables =>
        _settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    public IConfiguration Configuration => new ConfigurationBuilder().AddInMemoryCollection(_settings).Build();

    /// <summary>A worker in this process, consuming when this returns.</summary>
    public async Task<InProcessWorker> StartWorkerAsync(Action<IHostApplicationBuilder>? shape = null, Action<InProcessWorker>? prepare = null)
    {
        var worker = await InProcessWorker.StartAsync(Configuration, shape, prepare);
        _started.Add(worker);
        return worker;
    }

    /// <summary>A worker in a process of its own, consuming when this returns.</summary>
    /// <param name="keptLines">Of its output.</param>
    public async Task<ChildProcess> StartWorkerProcessAsync(int keptLines = 5_000, string until = "Ready: consuming")
    {
        var process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "pushfanout.dll"), "worker"], EnvironmentVariables, Path.GetTempPath(), keptLines);
        _started.Add(process);
        await process.WaitForLineAsync(until, Eventually.Patience);
        return process;
    }

    /// <summary>What the worker processes said last: for the message of a test that fails.</summary>
    public string LastLines => string.Join("\n\n", _started.OfType<ChildProcess>().Select(worker => string.Join('\n', worker.Lines.TakeLast(60))));

    /// <summary>Returns when APNs has accepted nothing more for two seconds: for one, a slow machine may have stood still.</summary>
    public async Task StandsStillAsync()
    {
        var (seen, seconds) = (-1L, 0);
        await Eventually.TrueAsync(
            async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                (seen, var before) = (Simulator.Recorder.Accepted, seen);
                seconds = seen == before ? seconds + 1 : 0;
                return seconds == 2;
            },
            Eventually.Patience, "nothing more is accepted");
    }

    public async Task<PlainAmqpClient> ConnectAsync()
    {
        var client = await PlainAmqpClient.ConnectAsync(RabbitMq);
        _started.Add(client);
        return client;
    }

    public Task ImportAsync(IEnumerable<DeviceRegistration> devices) => Devices.ImportAsync(App, Stream(devices), null, CancellationToken.None);

    public async Task<long> CountAsync(string audience) =>
        await Devices.CountAsync(App, new AudienceExpression([audience], [], [], [], []), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
        {
            await started.DisposeAsync();
        }
        await Simulator.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private void SetCredential(string name)
    {
        Set($"Credentials:{name}:Kind", "p8");
        Set($"Credentials:{name}:TeamId", TeamId);
        Set($"Credentials:{name}:KeyId", KeyId);
        Set($"Credentials:{name}:KeyFile", Simulator.DemoKeyFile);
    }

    private void SetApp(string name, string credential)
    {
        Set($"Apps:{name}:Topic", Topic);
        Set($"Apps:{name}:Environment", "production");
        Set($"Apps:{name}:Credential", credential);
    }

    private static async IAsyncEnumerable<DeviceRegistration> Stream(IEnumerable<DeviceRegistration> devices)
    {
        foreach (var device in devices)
        {
            yield return device;
        }
        await Task.CompletedTask;
    }
}

using System.Globalization;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Worker;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Chaos.Installation;

/// <summary>Everything of a run in processes of its own: RabbitMQ, Redis with an append-only file, the simulator, the workers.</summary>
internal sealed class ChaosInstallation : IAsyncDisposable
{
    public const string App = "shop-ios";
    private const string Topic = "com.example.shop";
    public const int Shards = 256;

    /// <summary>The oracle is not what is tested: it waits out a slow machine.</summary>
    private static readonly TimeSpan OwnRedisTimeout = TimeSpan.FromSeconds(30);

    private readonly ChaosPlan _plan;
    private readonly Dictionary<string, string?> _settings = [];
    private readonly List<IAsyncDisposable> _parts = [];

    private ChaosInstallation(ChaosPlan plan, RabbitMqServer rabbitMq, RedisServer redis, SimulatorProcess simulator, Action<string> log)
    {
        _plan = plan;
        (RabbitMq, Redis, Simulator) = (rabbitMq, redis, simulator);
        Connection = new RedisConnection(new RedisConnectionOptions { Endpoints = redis.Endpoint, Timeout = OwnRedisTimeout });
        Devices = new RedisTokenCache(Connection);
        Service = new ServiceClient(rabbitMq.Uri);
        if (plan.Proxied)
        {
            BrokerProxy = new FaultProxy(rabbitMq.Port);
            RedisProxy = new FaultProxy(redis.Port);
            _parts.AddRange([BrokerProxy, RedisProxy]);
        }
        Workers = [.. Enumerable.Range(0, plan.Workers).Select(number => new ChaosWorkerProcess($"worker-{number}", () => _settings, log))];
        Configure();
    }

    public RabbitMqServer RabbitMq { get; }

    public RedisServer Redis { get; }

    public SimulatorProcess Simulator { get; }

    /// <summary>Ours, past every proxy.</summary>
    public RedisConnection Connection { get; }

    public ITokenCache Devices { get; }

    public ServiceClient Service { get; }

    public FaultProxy? BrokerProxy { get; }

    public FaultProxy? RedisProxy { get; }

    public IReadOnlyList<ChaosWorkerProcess> Workers { get; }

    public static async Task<ChaosInstallation> StartAsync(ChaosPlan plan, Action<string> log)
    {
        var rabbitMq = RabbitMqServer.StartAsync();
        var redis = RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        var simulator = SimulatorProcess.StartAsync(plan, Topic);
        var installation = new ChaosInstallation(plan, await rabbitMq, await redis, await simulator, log);
        await installation.Devices.OpenAppAsync(App, Shards, CancellationToken.None);
        return installation;
    }

    /// <summary>Registers every device.</summary>
    public Task RegisterAsync(DeviceBase devices, DateTimeOffset at) => Devices.ImportAsync(App, devices.RegistrationsAsync(at), null, CancellationToken.None);

    /// <summary>Registers those again whom APNs will call gone for a time before.</summary>
    public async Task RegisterAgainAsync(DeviceBase devices, DateTimeOffset at)
    {
        foreach (var device in devices.Of(DeviceKind.RegisteredAgain))
        {
            await Devices.RegisterAsync(App, devices.Registration(device, at), CancellationToken.None);
        }
    }

    /// <summary>Tells the simulator what to answer for devices that are not alive.</summary>
    /// <param name="since">When APNs noticed that the gone ones are gone.</param>
    public async Task TellSimulatorAsync(DeviceBase devices, DateTimeOffset since)
    {
        foreach (var some in devices.Of(DeviceKind.Gone).Concat(devices.Of(DeviceKind.RegisteredAgain)).Chunk(10_000))
        {
            await Simulator.OrderAsync("tokens", new
            {
                scripts = some.Select(device => new
                {
                    token = Convert.ToHexStringLower(devices.Token(device)),
                    status = 410,
                    reason = "Unregistered",
                    timestamp = since.ToUnixTimeMilliseconds(),
                }),
            });
        }
        foreach (var some in devices.Of(DeviceKind.Suspect).Chunk(10_000))
        {
            await Simulator.OrderAsync("tokens", new
            {
                scripts = some.Select(device => new { token = Convert.ToHexStringLower(devices.Token(device)), status = 400, reason = "BadDeviceToken" }),
            });
        }
    }

    /// <summary>The tokens that the app has, each as hexadecimal text.</summary>
    public async Task<IReadOnlySet<string>> ReadTokensAsync()
    {
        var everyone = new AudienceExpression(["all"], [], [], [], []);
        var tokens = new HashSet<string>();
        const int Step = 16;
        for (var shard = 0; shard < Shards; shard += Step)
        {
            foreach (var token in await Devices.ReadAsync(App, everyone, shard, shard + Step, CancellationToken.None))
            {
                tokens.Add(Convert.ToHexStringLower(token.Span));
            }
        }
        return tokens;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
        {
            await worker.DisposeAsync();
        }
        await Service.DisposeAsync();
        await Connection.DisposeAsync();
        foreach (var part in _parts)
        {
            await part.DisposeAsync();
        }
        await Simulator.DisposeAsync();
        await Redis.DisposeAsync();
        await RabbitMq.DisposeAsync();
    }

    private void Configure()
    {
        string[] roles = ["intake", "expansion", "dispatch", "feedback"];
        for (var i = 0; i < roles.Length; i++)
        {
            Set($"Roles__{i}", roles[i]);
        }
        Set("RabbitMq__Uri", BrokerProxy is null ? RabbitMq.Uri.ToString() : new UriBuilder(RabbitMq.Uri) { Port = BrokerProxy.Port }.Uri.ToString());
        Set("Redis__Endpoints", RedisProxy?.Endpoint ?? Redis.Endpoint);
        Set("Apns__EndpointOverride", Simulator.Endpoint.ToString());
        Set("Apns__TrustedCaFile", Simulator.AuthorityFile);
        Set("Apns__MaxConnectionsPerApp", Text(ChaosPlan.ConnectionsPerWorker));
        Set("Credentials__main__Kind", "p8");
        Set("Credentials__main__TeamId", "DEMOTEAM01");
        Set("Credentials__main__KeyId", "DEMOKEY001");
        Set("Credentials__main__KeyFile", Simulator.KeyFile);
        Set($"Apps__{App}__Topic", Topic);
        Set($"Apps__{App}__Environment", "production");
        Set($"Apps__{App}__Credential", "main");
        Set($"Apps__{App}__Shards", Text(Shards));
        Set($"Apps__{App}__PushesPerSecond", _plan.PushesPerSecond is { } rate ? Text(rate) : null);
        // Many small ranges, so that every stage of a send happens often.
        var perGroup = _plan.Tokens / _plan.Groups;
        Set("Expansion__RangeTokens", Text(Math.Clamp(perGroup / 10, 1000, 20_000)));
        Set("Expansion__WindowRanges", "4");
        Set("Dispatch__Slots__Normal", "8");
        Set("Brake__Window", "00:00:05");
        foreach (var (name, value) in _plan.Settings)
        {
            Set(name.Replace(":", "__", StringComparison.Ordinal), value);
        }
        _settings["Logging__LogLevel__Default"] = "Information";
        _settings["Logging__LogLevel__Microsoft"] = "Warning";
        _settings["Logging__LogLevel__MassTransit"] = "Error";
        _settings[BrokenGuards.Variable] = _plan.Broken.ToString();
    }

    private void Set(string name, string? value) => _settings["PushFanout__" + name] = value;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

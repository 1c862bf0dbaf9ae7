using System.Text.Json;
using System.Threading.Channels;
using PushFanout.ApnsSimulator;
using PushFanout.Contracts;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushFanout.Bench;

/// <summary>
/// Broker, store, simulator (in this process) or fast sink, one worker (in a process of its own), and a plain AMQP client.
/// </summary>
internal sealed class BenchInstallation : IAsyncDisposable
{
    public const string App = "shop-ios";
    private const string Topic = "com.example.shop";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly RabbitMqServer _rabbitMq;
    private readonly RedisServer _redisServer;
    private readonly RedisConnection _redis;
    private readonly FastSinkProcess? _sink;
    private readonly HttpClient _worker = new() { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Next()}") };
    private readonly Channel<JsonElement> _completed = Channel.CreateBounded<JsonElement>(100_000);
    private IConnection? _connection;
    private IChannel? _channel;

    private BenchInstallation(RabbitMqServer rabbitMq, RedisServer redisServer, SimulatorHost simulator, FastSinkProcess? sink)
    {
        _rabbitMq = rabbitMq;
        _redisServer = redisServer;
        _sink = sink;
        Simulator = simulator;
        _redis = new RedisConnection(new RedisConnectionOptions { Endpoints = redisServer.Endpoint });
        Devices = new RedisTokenCache(_redis);
    }

    /// <summary>Gets no push when there is a fast sink.</summary>
    public SimulatorHost Simulator { get; }

    public ITokenCache Devices { get; }

    public ChildProcess Worker { get; private set; } = null!;

    public static async Task<BenchInstallation> StartAsync(bool fastSink)
    {
        var installation = new BenchInstallation(
            await RabbitMqServer.StartAsync(), await RedisServer.StartAsync(), await SimulatorHost.StartAsync(new SimulatorOptions { Topics = [Topic] }),
            fastSink ? await FastSinkProcess.StartAsync([], []) : null);
        await installation.Devices.OpenAppAsync(App, 1024, CancellationToken.None);
        await installation.StartWorkerAsync();
        await installation.ConnectAsync();
        return installation;
    }

    /// <summary>What an operator types to bring in a token base.</summary>
    public ChildProcess StartImport(string file) => ChildProcess.Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "pushfanout.dll"), "devices", "import", file, "--app", App, "--redis", _redisServer.Endpoint]);

    /// <summary>Publishes a request as plain JSON; returns when the broker has confirmed.</summary>
    public async Task<Guid> PublishAsync(string audience, string lane = "normal")
    {
        var id = Guid.NewGuid();
        var json = $$$"""
            {"notificationId":"{{{id}}}","app":"{{{App}}}","source":"bench","lane":"{{{lane}}}","audience":{{{audience}}},
             "payload":{"aps":{"alert":"A push of about a hundred bytes, as they usually are."} } }
            """;
        await _channel!.BasicPublishAsync(Exchanges.NotificationRequested, "", mandatory: true, new BasicProperties { ContentType = "application/json", Persistent = true }, System.Text.Encoding.UTF8.GetBytes(json));
        return id;
    }

    public async Task<JsonElement> NextCompletedAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        return await _completed.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>Pushes that reached the other end and were accepted so far.</summary>
    public async Task<long> AcceptedAsync() => _sink is null ? Simulator.Recorder.Accepted : (await _sink.TallyAsync()).Answered;

    /// <summary>What a Prometheus would read now.</summary>
    public Task<string> ScrapeAsync() => _worker.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    /// <summary>What a dashboard would show of one notification.</summary>
    public async Task ReadStatusAsync(string id) => (await _worker.GetAsync(new Uri($"/api/notifications/{id}", UriKind.Relative))).EnsureSuccessStatusCode().Dispose();

    /// <summary>The id of the notification that was requested last.</summary>
    public async Task<string> LatestNotificationAsync()
    {
        var list = JsonSerializer.Deserialize<JsonElement>(await _worker.GetStringAsync(new Uri("/api/notifications?limit=1", UriKind.Relative)));
        return list.GetProperty("notifications")[0].GetProperty("notificationId").GetString()!;
    }

    /// <summary>Managed memory that the worker allocated so far, in bytes; from its own metrics.</summary>
    public async Task<double> WorkerAllocatedBytesAsync()
    {
        const string Series = "dotnet_gc_heap_total_allocated_bytes_total";
        var line = (await ScrapeAsync()).Split('\n').First(line => line.StartsWith(Series, StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Peak resident memory of the worker so far, in bytes (Linux).</summary>
    public long WorkerPeakBytes()
    {
        var line = File.ReadLines($"/proc/{Worker.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }

    public TimeSpan WorkerCpu()
    {
        using var process = System.Diagnostics.Process.GetProcessById(Worker.Id);
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        await _channel!.DisposeAsync();
        await _connection!.DisposeAsync();
        await Worker.DisposeAsync();
        await Simulator.DisposeAsync();
        if (_sink is not null)
        {
            await _sink.DisposeAsync();
        }
        _worker.Dispose();
        await _redis.DisposeAsync();
        await _redisServer.DisposeAsync();
        await _rabbitMq.DisposeAsync();
    }

    private async Task StartWorkerAsync()
    {
        Worker = ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "pushfanout.dll"), "worker"],
            new Dictionary<string, string?>
            {
                ["PushFanout__RabbitMq__Uri"] = _rabbitMq.Uri.ToString(),
                ["PushFanout__Redis__Endpoints"] = _redisServer.Endpoint,
                ["PushFanout__Http__Urls"] = _worker.BaseAddress!.GetLeftPart(UriPartial.Authority),
                ["PushFanout__Apns__EndpointOverride"] = (_sink?.Endpoint ?? Simulator.Endpoint).ToString(),
                ["PushFanout__Apns__TrustedCaFile"] = _sink?.AuthorityFile ?? Simulator.AuthorityFile,
                ["PushFanout__Credentials__main__Kind"] = "p8",
                ["PushFanout__Credentials__main__TeamId"] = Simulator.Options.DemoTeamId,
                ["PushFanout__Credentials__main__KeyId"] = Simulator.Options.DemoKeyId,
                ["PushFanout__Credentials__main__KeyFile"] = Simulator.DemoKeyFile,
                [$"PushFanout__Apps__{App}__Topic"] = Topic,
                [$"PushFanout__Apps__{App}__Environment"] = "production",
                [$"PushFanout__Apps__{App}__Credential"] = "main",
            },
            Path.GetTempPath());
        await Worker.WaitForLineAsync("Ready: consuming", StartPatience);
    }

    private async Task ConnectAsync()
    {
        _connection = await new ConnectionFactory { Uri = _rabbitMq.Uri }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var queue = await _channel.QueueDeclareAsync();
        await _channel.QueueBindAsync(queue.QueueName, Exchanges.NotificationCompleted, "#");
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, delivery) => await _completed.Writer.WriteAsync(JsonSerializer.Deserialize<JsonElement>(delivery.Body.Span));
        await _channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }
}

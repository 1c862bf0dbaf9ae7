using System.Globalization;
using PushFanout.ApnsSimulator;
using PushFanout.Integration.Tests.Deployment;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;
using YamlDotNet.Serialization;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>
/// An installation as an operator sees it: a worker, RabbitMQ, and a Prometheus with the configuration and rules of <c>deploy/prometheus</c>, but for
/// the addresses and for time, which runs faster there.
/// </summary>
public sealed class ObservedInstallation : IAsyncDisposable
{
    private ObservedInstallation(TestInstallation installation, ChildProcess worker, RedisServer redis, PrometheusServer prometheus) =>
        (Installation, Worker, Redis, Prometheus) = (installation, worker, redis, prometheus);

    public TestInstallation Installation { get; }

    public ChildProcess Worker { get; }

    public RedisServer Redis { get; }

    public PrometheusServer Prometheus { get; }

    /// <param name="virtualHost">On a broker of which <paramref name="rabbitMqMetrics"/> are known.</param>
    /// <param name="configure">Settings of the worker beyond the usual ones.</param>
    /// <param name="faster">How much faster than in production everything of Prometheus is: 15 means a scrape each second.</param>
    public static async Task<ObservedInstallation> StartAsync(
        Uri virtualHost, Uri rabbitMqMetrics, SimulatorOptions simulator, Action<TestInstallation> configure, int faster)
    {
        var redis = await RedisServer.StartAsync();
        var installation = await TestInstallation.CreateAsync(simulator, virtualHost, redis.Endpoint);
        var address = $"127.0.0.1:{FreePort.Next()}";
        installation.Set("Http:Urls", $"http://{address}");
        configure(installation);
        var worker = await installation.StartWorkerProcessAsync();
        var prometheus = await PrometheusServer.StartAsync(new PrometheusServerOptions
        {
            Configuration = Configuration(address, rabbitMqMetrics.Authority, Uri.UnescapeDataString(virtualHost.AbsolutePath[1..]), RulesFile(redis.Folder, faster), faster),
        });
        return new ObservedInstallation(installation, worker, redis, prometheus);
    }

    public async ValueTask DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await Installation.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>The shipped configuration with addresses of ours in it; only this installation's queues are looked at, on a broker that others use, too.</summary>
    private static string Configuration(string worker, string rabbitMq, string virtualHost, string rules, int faster)
    {
        var root = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(Faster(File.ReadAllText(RepositoryFiles.PathOf("deploy/prometheus/prometheus.yml")), faster))!;
        root["rule_files"] = new[] { rules };
        var jobs = ((List<object>)root["scrape_configs"]).Cast<Dictionary<object, object>>().ToDictionary(job => (string)job["job_name"]);
        jobs["pushfanout"].Remove("dns_sd_configs");
        jobs["pushfanout"]["static_configs"] = Targets(worker);
        jobs["rabbitmq"]["static_configs"] = jobs["rabbitmq-queues"]["static_configs"] = Targets(rabbitMq);
        ((Dictionary<object, object>)jobs["rabbitmq-queues"]["params"])["vhost"] = new[] { virtualHost };
        foreach (var job in jobs.Values)
        {
            job["scrape_timeout"] = ((Dictionary<object, object>)root["global"])["scrape_interval"];
        }
        return new SerializerBuilder().Build().Serialize(root);

        static object[] Targets(string address) => [new Dictionary<string, string[]> { ["targets"] = [address] }];
    }

    private static string RulesFile(string folder, int faster)
    {
        var file = Path.Combine(folder, "alerts.yml");
        File.WriteAllText(file, Faster(File.ReadAllText(RepositoryFiles.PathOf(AlertRules.File)), faster));
        return file;
    }

    /// <summary>Divides every duration: <c>[5m]</c>, <c>for: 1m</c>, <c>scrape_interval: 15s</c>.</summary>
    private static string Faster(string text, int faster) => System.Text.RegularExpressions.Regex.Replace(
        text, @"(?<=\[|for: |offset |interval: )(\d+)([smh])\b",
        match =>
        {
            var seconds = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "s" => 1, "m" => 60, _ => 3600 };
            return string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000 / faster}ms");
        });
}

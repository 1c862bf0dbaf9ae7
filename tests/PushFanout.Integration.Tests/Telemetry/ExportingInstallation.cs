using PushFanout.Contracts;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>A worker in a process of its own, exporting by OTLP over gRPC to a collector of the test's.</summary>
[CollectionDefinition(Shared)]
public sealed class ExportingInstallation : IAsyncLifetime, ICollectionFixture<ExportingInstallation>
{
    /// <summary>The collection of the tests that share it.</summary>
    public const string Shared = "exporting";

    public const int Devices = 1_200;

    /// <summary>Apps beside the one of every installation, each with a credential of its own and so with connections of its own.</summary>
    public static IReadOnlyList<string> MoreApps { get; } = [.. Enumerable.Range(1, 19).Select(number => $"app-{number}")];

    public string Worker { get; } = $"127.0.0.1:{FreePort.Next()}";

    internal OtlpReceiver Collector { get; private set; } = null!;

    public TestInstallation Installation { get; private set; } = null!;

    public PlainAmqpClient Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Collector = await OtlpReceiver.StartAsync();
        Installation = await TestInstallation.CreateAsync();
        Installation.Set("Http:Urls", $"http://{Worker}");
        foreach (var app in MoreApps)
        {
            Installation.AddApp(app, credential: "key-of-" + app);
        }
        Installation.SetVariable("OTEL_EXPORTER_OTLP_ENDPOINT", Collector.Url);
        Installation.SetVariable("OTEL_EXPORTER_OTLP_HEADERS", "x-team=push");
        Installation.SetVariable("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
        Installation.SetVariable("OTEL_BSP_SCHEDULE_DELAY", "200");
        Installation.SetVariable("OTEL_METRIC_EXPORT_INTERVAL", "500");
        await Installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number, "news")));
        await Installation.StartWorkerProcessAsync();
        Service = await Installation.ConnectAsync();
        await Service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);
    }

    public async Task DisposeAsync()
    {
        await Installation.DisposeAsync();
        await Collector.DisposeAsync();
    }
}

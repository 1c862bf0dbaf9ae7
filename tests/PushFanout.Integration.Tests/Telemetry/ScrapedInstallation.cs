using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>An installation with a worker in a process of its own and a Prometheus that scrapes it.</summary>
public sealed class ScrapedInstallation : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly string _worker = $"127.0.0.1:{FreePort.Next()}";

    public TestInstallation Installation { get; private set; } = null!;

    public PrometheusServer Prometheus { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Installation = await TestInstallation.CreateAsync();
        Installation.Set("Http:Urls", $"http://{_worker}");
        await Installation.StartWorkerProcessAsync();
        Prometheus = await PrometheusServer.StartAsync(new PrometheusServerOptions { Targets = [_worker] });
    }

    public async Task DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await Installation.DisposeAsync();
    }

    /// <summary>Waits until the sum over all series of an expression is what it should be; no series is not 0.</summary>
    public async Task SumIsAsync(double expected, string expression)
    {
        double? last = null;
        try
        {
            await Eventually.TrueAsync(async () => (last = await Prometheus.SumAsync(expression)) == expected, Patience, expression);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{expression} is {last?.ToString() ?? "without a series"}, not {expected}");
        }
    }
}

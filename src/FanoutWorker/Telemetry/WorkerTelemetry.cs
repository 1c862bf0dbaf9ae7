using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// Exports metrics and traces while the worker lives: to an OTLP endpoint when the environment names one, to Prometheus when the
/// worker serves HTTP. Registered first, so that it starts before and stops after everything that measures.
/// </summary>
internal sealed class WorkerTelemetry(
    PrometheusExporter prometheus, FanoutMetrics metrics, PushFanoutOptions options, IConfiguration configuration) : IHostedLifecycleService, IDisposable
{
    private const string MassTransit = "MassTransit";
    private const string HttpServer = "Microsoft.AspNetCore.Hosting";
    private const int FlushTimeoutMilliseconds = 3000;

    private MeterProvider? _meters;
    private TracerProvider? _traces;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var otlp = OtlpSettings.Of(configuration);
        var scraped = options.Roles.HasFlag(Roles.Http);
        if (otlp.Metrics || scraped)
        {
            _meters = BuildMeters(otlp.Metrics, scraped);
            metrics.BeginAtZero(QueueNames.Returning);
        }
        if (otlp.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Resource)
                .AddSource(FanoutActivities.SourceName) // MassTransit's would put every batch of a broadcast into one trace
                .AddOtlpExporter()
                .Build();
        }
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _traces?.Shutdown(FlushTimeoutMilliseconds);
        _meters?.Shutdown(FlushTimeoutMilliseconds);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _meters?.Dispose();
    }

    /// <summary>What the environment says (<c>OTEL_SERVICE_NAME</c>, <c>OTEL_RESOURCE_ATTRIBUTES</c>) wins over our own words.</summary>
    private static ResourceBuilder Resource => ResourceBuilder.CreateEmpty()
        .AddService("pushfanout", serviceVersion: typeof(WorkerTelemetry).Assembly.GetName().Version?.ToString(3))
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private MeterProvider BuildMeters(bool otlp, bool scraped)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(configuration))
            .SetResourceBuilder(Resource)
            .AddMeter(FanoutMetrics.MeterName, MassTransit, "System.Runtime", HttpServer)
            // Counters that go down again, split by tags that differ between the two: as counters they are wrong.
            .AddView(instrument => instrument.Meter.Name == MassTransit && instrument.Name.EndsWith(".active", StringComparison.Ordinal)
                ? MetricStreamConfiguration.Drop
                : null)
            // Of the HTTP API what its callers wait for and get, by route; few bounds, for there are many routes.
            .AddView(instrument => instrument.Meter.Name == HttpServer && instrument.Name != "http.server.request.duration" ? MetricStreamConfiguration.Drop : null)
            .AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration
            {
                Boundaries = [.. Buckets.Request.HistogramBucketBoundaries!],
                TagKeys = ["http.request.method", "http.route", "http.response.status_code"],
            })
            // From a library that gives no advice of its own.
            .AddView("db.client.operation.duration", new ExplicitBucketHistogramConfiguration { Boundaries = [.. Buckets.Answer.HistogramBucketBoundaries!] });
        if (otlp)
        {
            builder.AddOtlpExporter();
        }
        if (scraped)
        {
            builder.AddReader(prometheus.Reader);
        }
        return builder.Build();
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>That <c>docs/metrics.md</c> has every instrument of a worker as it is, and none that does not exist.</summary>
public sealed class MetricsDocumentTests
{
    [Fact]
    public async Task The_document_names_exactly_the_instruments_of_a_worker()
    {
        var found = new ConcurrentBag<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == FanoutMetrics.MeterName)
                {
                    found.Add(instrument);
                }
            },
        };
        using var host = WorkerHost.Build(
            new PushFanoutOptions { Transport = Transport.InMemory, Roles = Roles.All & ~Roles.Http }, new ConfigurationBuilder().Build(), builder => builder.Logging.ClearProviders());
        await host.StartAsync();
        RuntimeHelpers.RunClassConstructor(typeof(RedisTelemetry).TypeHandle); // not used by a worker in memory
        listener.Start();
        await host.StopAsync();

        // Of other hosts in this process are only the same ones.
        var existing = found.Select(instrument => new DocumentedMetric(
            PrometheusNames.OfMetric(instrument.Name, instrument.Unit ?? "", TypeOf(instrument)), WordOf(instrument), instrument.Unit ?? "", [], instrument.Description ?? "")).ToHashSet();
        var documented = MetricsDocument.Metrics.Select(metric => metric with { Labels = [] }).ToHashSet();
        Assert.Equal(existing.Select(metric => metric.ToString()).Distinct().Order(), documented.Select(metric => metric.ToString()).Order());
    }

    [Fact]
    public void Every_label_is_explained_and_every_explained_label_is_used()
    {
        Assert.Equal(MetricsDocument.Metrics.SelectMany(metric => metric.Labels).Distinct().Order(), MetricsDocument.Labels.Order());
    }

    private static MetricType TypeOf(Instrument instrument) => WordOf(instrument) switch
    {
        "counter" => MetricType.LongSum,
        "histogram" => MetricType.Histogram,
        _ => MetricType.LongGauge,
    };

    private static string WordOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? "counter"
            : name.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : "gauge";
    }
}

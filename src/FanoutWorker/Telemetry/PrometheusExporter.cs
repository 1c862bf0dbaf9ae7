using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace PushFanout.Worker.Telemetry;

/// <summary>Collects all metrics when somebody asks, for Prometheus to scrape.</summary>
internal sealed class PrometheusExporter : BaseExporter<Metric>
{
    private static readonly TimeSpan CollectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _collecting = new();
    private readonly StringBuilder _text = new();

    public PrometheusExporter() => Reader = new BaseExportingMetricReader(this);

    /// <summary>What a meter provider needs to know of this exporter.</summary>
    public BaseExportingMetricReader Reader { get; }

    /// <summary>Every metric as it is now, in <see cref="PrometheusText"/>; empty before telemetry has started.</summary>
    public string Scrape()
    {
        lock (_collecting)
        {
            _text.Clear();
            Reader.Collect((int)CollectTimeout.TotalMilliseconds);
            return _text.ToString();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        // The provider collects once more, uncalled for, when it shuts down.
        lock (_collecting)
        {
            foreach (var metric in batch)
            {
                PrometheusText.Write(_text, metric);
            }
        }
        return ExportResult.Success;
    }
}

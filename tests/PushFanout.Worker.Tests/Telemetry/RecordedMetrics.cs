using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

/// <summary>Metrics of one test, and everything measured through them.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener listener = new();
    private readonly List<string> lines = [];

    public RecordedMetrics(params string[] apps)
    {
        Factory = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, Factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Write(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Write(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Write(instrument, value, tags));
        listener.Start();
        Metrics = new FanoutMetrics(Factory, new PushFanoutOptions { Apps = apps.ToDictionary(app => app, _ => new AppOptions()) });
    }

    public IMeterFactory Factory { get; }

    public FanoutMetrics Metrics { get; }

    /// <summary>One line per measurement: <c>instrument=value{tag=value,…}</c>, names without <c>pushfanout.</c></summary>
    public IReadOnlyList<string> Lines => lines;

    public void Observe() => listener.RecordObservableInstruments();

    public void Dispose()
    {
        listener.Dispose();
        services.Dispose();
    }

    private void Write<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var written = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}");
        lines.Add(FormattableString.Invariant($"{instrument.Name}={value}{{{string.Join(',', written)}}}").Replace("pushfanout.", "", StringComparison.Ordinal));
    }
}

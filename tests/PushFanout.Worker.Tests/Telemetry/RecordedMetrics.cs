using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

/// <summary>Metrics of one test, and everything measured through them.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _lines = [];

    public RecordedMetrics(params string[] apps)
    {
        Factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, Factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Write(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Write(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Write(instrument, value, tags));
        _listener.Start();
        Metrics = new FanoutMetrics(Factory, new PushFanoutOptions { Apps = apps.ToDictionary(app => app, _ => new AppOptions()) });
    }

    public IMeterFactory Factory { get; }

    public FanoutMetrics Metrics { get; }

    /// <summary>One line per measurement: <c>instrument=value{tag=value,…}</c>, names without <c>pushfanout.</c></summary>
    public IReadOnlyList<string> Lines => _lines;

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private void Write<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var written = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}");
        _lines.Add(FormattableString.Invariant($"{instrument.Name}={value}{{{string.Join(',', written)}}}").Replace("pushfanout.", "", StringComparison.Ordinal));
    }
}

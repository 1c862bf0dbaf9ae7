using System.Diagnostics.Metrics;
using PushFanout.Apns;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Chaos.Worker;

/// <summary>Acceptances that this worker has heard and the ledger has not: with the pushes in flight all that its death can make twice.</summary>
internal sealed class UnsettledPushes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Action _accepted;
    private long _heard;
    private long _settled;

    /// <param name="accepted">Called at each acceptance, on the thread that hears it.</param>
    public UnsettledPushes(Action accepted)
    {
        _accepted = accepted;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == FanoutMetrics.MeterName && instrument.Name is "pushfanout.push.answers" or "pushfanout.push.outcomes")
            {
                listener.EnableMeasurementEvents(instrument, instrument.Name);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, name) => Note((string)name!, value, tags));
        _listener.Start();
    }

    public long Count => Math.Max(0, Interlocked.Read(ref _heard) - Interlocked.Read(ref _settled));

    public void Dispose() => _listener.Dispose();

    private void Note(string instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument == "pushfanout.push.answers" && Has(tags, Tags.Answer, PushTags.WordOf(Answer.Accepted)))
        {
            Interlocked.Add(ref _heard, value);
            _accepted();
        }
        else if (instrument == "pushfanout.push.outcomes" && Has(tags, Tags.Outcome, PushTags.WordOf(Outcome.Accepted)))
        {
            Interlocked.Add(ref _settled, value);
        }
    }

    private static bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name, string value)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return value.Equals(tag.Value);
            }
        }
        return false;
    }
}

using System.Diagnostics.Metrics;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// Publishes on their way to the broker and back. The age of the oldest shows a broker that stopped confirming while everything
/// looks healthy: a frozen one, or one out of memory or disk.
/// </summary>
internal sealed class UnconfirmedPublishes
{
    private readonly LinkedList<long> _started = new(); // oldest first
    private readonly TimeProvider _clock;

    public UnconfirmedPublishes(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create(FanoutMetrics.MeterName);
        meter.CreateObservableGauge("pushfanout.publish.unconfirmed", () => Count, "{message}", "Publishes that the broker has not confirmed yet.");
        meter.CreateObservableGauge("pushfanout.publish.oldest_unconfirmed", () => OldestAge.TotalSeconds, "s", "Age of the oldest publish that is not confirmed.");
    }

    public int Count
    {
        get
        {
            lock (_started)
            {
                return _started.Count;
            }
        }
    }

    /// <summary>Zero when every publish is confirmed.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (_started)
            {
                return _started.First is { } oldest ? _clock.GetElapsedTime(oldest.Value) : TimeSpan.Zero;
            }
        }
    }

    /// <returns>What <see cref="End"/> needs.</returns>
    public LinkedListNode<long> Begin()
    {
        lock (_started)
        {
            return _started.AddLast(_clock.GetTimestamp());
        }
    }

    /// <summary>Confirmed, refused or given up. Once per <see cref="Begin"/>.</summary>
    public void End(LinkedListNode<long> publish)
    {
        lock (_started)
        {
            _started.Remove(publish);
        }
    }
}

using System.Diagnostics.Metrics;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// Publishes on their way to the broker and back. The age of the oldest shows a broker that stopped confirming while everything
/// looks healthy: a frozen one, or one out of memory or disk.
/// </summary>
internal sealed class UnconfirmedPublishes
{
    private readonly LinkedList<long> started = new(); // oldest first
    private readonly TimeProvider clock;

    public UnconfirmedPublishes(IMeterFactory meters, TimeProvider clock)
    {
        this.clock = clock;
        var meter = meters.Create(FanoutMetrics.MeterName);
        meter.CreateObservableGauge("pushfanout.publish.unconfirmed", () => Count, "{message}", "Publishes that the broker has not confirmed yet.");
        meter.CreateObservableGauge("pushfanout.publish.oldest_unconfirmed", () => OldestAge.TotalSeconds, "s", "Age of the oldest publish that is not confirmed.");
    }

    public int Count
    {
        get
        {
            lock (started)
            {
                return started.Count;
            }
        }
    }

    /// <summary>Zero when every publish is confirmed.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            lock (started)
            {
                return started.First is { } oldest ? clock.GetElapsedTime(oldest.Value) : TimeSpan.Zero;
            }
        }
    }

    /// <returns>What <see cref="End"/> needs.</returns>
    public LinkedListNode<long> Begin()
    {
        lock (started)
        {
            return started.AddLast(clock.GetTimestamp());
        }
    }

    /// <summary>Confirmed, refused or given up. Once per <see cref="Begin"/>.</summary>
    public void End(LinkedListNode<long> publish)
    {
        lock (started)
        {
            started.Remove(publish);
        }
    }
}

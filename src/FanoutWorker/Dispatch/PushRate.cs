using System.Collections.Concurrent;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// Delays pushes so that an app and a notification keep to their pushes per second; it never drops one. Permits are given in
/// slices of at most 100 ms of the rate, so that no batch takes a second's worth at once.
/// </summary>
internal sealed class PushRate(AppCatalog apps, TimeProvider clock)
{
    /// <summary>Longer than this no slot waits: what is left goes to a wait queue instead.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private const double SliceSeconds = 0.1;
    private const int MaxNotifications = 10_000;

    private readonly ConcurrentDictionary<string, Pace> _apps = new();
    private readonly ConcurrentDictionary<Guid, Pace> _notifications = new();

    /// <summary>Waits for permits and returns how many pushes may start now: 1 to <paramref name="wanted"/>, or 0 when the wait would be too long.</summary>
    public async ValueTask<int> TakeAsync(PushBatch batch, int wanted, CancellationToken cancellationToken)
    {
        var appRate = apps.Find(batch.Template.App)?.Options.PushesPerSecond;
        if (appRate is null && batch.Template.PushesPerSecond is null)
        {
            return wanted;
        }
        var slowest = Math.Min(appRate ?? double.MaxValue, batch.Template.PushesPerSecond ?? double.MaxValue);
        var permits = Math.Clamp((int)(slowest * SliceSeconds), 1, wanted);
        var now = clock.GetUtcNow();
        var wait = TimeSpan.Zero;
        if (appRate is { } perApp)
        {
            wait = _apps.GetOrAdd(batch.Template.App, _ => new Pace()).Reserve(now, permits, perApp, LongestWait);
        }
        if (wait <= LongestWait && batch.Template.PushesPerSecond is { } perNotification)
        {
            if (_notifications.Count > MaxNotifications)
            {
                _notifications.Clear(); // paces of ended sends; those still under way start anew within one slice
            }
            var own = _notifications.GetOrAdd(batch.Key.Notification, _ => new Pace()).Reserve(now, permits, perNotification, LongestWait);
            wait = own > wait ? own : wait;
        }
        if (wait > LongestWait)
        {
            return 0;
        }
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
        return permits;
    }

    /// <summary>When the next push of one rate may start.</summary>
    private sealed class Pace
    {
        private readonly Lock _gate = new();
        private DateTimeOffset _next = DateTimeOffset.MinValue;

        /// <summary>Books <paramref name="permits"/> and returns the wait until they hold; books nothing when that is longer than <paramref name="limit"/>.</summary>
        public TimeSpan Reserve(DateTimeOffset now, int permits, double perSecond, TimeSpan limit)
        {
            lock (_gate)
            {
                var start = _next > now ? _next : now;
                var wait = start - now;
                if (wait <= limit)
                {
                    _next = start + TimeSpan.FromSeconds(permits / perSecond);
                }
                return wait;
            }
        }
    }
}

using System.Collections.Concurrent;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Dispatch;

/// <summary>Delays pushes so that an app and a notification keep to their pushes per second over all workers; it never drops one.</summary>
internal sealed class PushRate(AppCatalog apps, IRateLeases leases, FanoutMetrics metrics, TimeProvider clock)
{
    /// <summary>Longer than this no slot waits: what is left goes to a wait queue instead.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, PermitPool> _pools = new();
    private long _sweptAt = clock.GetTimestamp();

    /// <summary>Waits for permits and returns how many pushes may start now: 1 to <paramref name="wanted"/>, or 0 when the wait would be too long.</summary>
    public async ValueTask<int> TakeAsync(PushBatch batch, int wanted, CancellationToken cancellationToken)
    {
        var ofApp = Pool(batch.Template.App, apps.Find(batch.Template.App)?.Options.PushesPerSecond);
        var own = batch.Template.PushesPerSecond is { } perSecond ? Pool($"n:{batch.Key.Notification:D}", perSecond) : null;
        if (ofApp is null && own is null)
        {
            return wanted;
        }
        var started = clock.GetTimestamp();
        var permits = wanted;
        if (own is not null)
        {
            permits = await own.TakeAsync(batch.Key.Notification, permits, LongestWait, cancellationToken);
        }
        if (permits > 0 && ofApp is not null)
        {
            permits = await TakeOfAppAsync(ofApp, own, batch.Key.Notification, permits, LongestWait - clock.GetElapsedTime(started), cancellationToken);
        }
        metrics.RateWaited(batch.Lane.Word(), clock.GetElapsedTime(started));
        return permits;
    }

    /// <summary>What the app does not grant goes back to the notification's own rate.</summary>
    private static async ValueTask<int> TakeOfAppAsync(
        PermitPool ofApp, PermitPool? own, Guid notification, int permits, TimeSpan patience, CancellationToken cancellationToken)
    {
        var granted = 0;
        try
        {
            granted = await ofApp.TakeAsync(notification, permits, patience, cancellationToken);
        }
        finally
        {
            own?.GiveBack(permits - granted);
        }
        return granted;
    }

    private PermitPool? Pool(string name, double? perSecond)
    {
        if (perSecond is not { } limit)
        {
            return null;
        }
        if (_pools.TryGetValue(name, out var pool) && pool.PerSecond == limit)
        {
            return pool;
        }
        ForgetIdle();
        return _pools.AddOrUpdate(name, _ => Make(), (_, known) => known.PerSecond == limit ? known : Make()); // a limit may have been changed

        PermitPool Make() => new(new SharedRate(name, limit), leases, clock);
    }

    /// <summary>Rates of notifications that ended leave; one that comes back finds its books in Redis.</summary>
    private void ForgetIdle()
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (clock.GetElapsedTime(swept) < ForgottenAfter || Interlocked.CompareExchange(ref _sweptAt, clock.GetTimestamp(), swept) != swept)
        {
            return;
        }
        foreach (var (name, pool) in _pools)
        {
            if (pool.Idle > ForgottenAfter)
            {
                _pools.TryRemove(name, out _);
            }
        }
    }
}

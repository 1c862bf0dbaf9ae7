using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Dispatch;

/// <summary>The pace of each app of this worker, and the gauge that shows which are slowed down.</summary>
internal sealed class AppPaces : IDisposable
{
    private readonly ConcurrentDictionary<string, AppPace> _paces = new();
    private readonly TimeProvider _clock;

    public AppPaces(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        meters.Create(FanoutMetrics.MeterName).CreateObservableGauge(
            "pushfanout.push.pace", Slowed, "{push}/s", "What this worker keeps to while APNs says that it is overloaded; no series while it does not.");
    }

    public AppPace Of(ServedApp app) => _paces.GetOrAdd(app.Name, _ => new AppPace(_clock));

    /// <summary>Waits until pushes may start.</summary>
    /// <returns>1 to <paramref name="wanted"/>, or 0 when the wait would be longer than a slot may wait.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    public async ValueTask<int> TakeAsync(ServedApp app, int wanted, CancellationToken cancellationToken)
    {
        if (!Of(app).TryBook(wanted, PushRate.LongestWait, out var permits, out var wait))
        {
            return 0;
        }
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _clock, cancellationToken);
        }
        return permits;
    }

    public void Dispose()
    {
        foreach (var pace in _paces.Values)
        {
            pace.Dispose();
        }
    }

    private IEnumerable<Measurement<double>> Slowed()
    {
        foreach (var (app, pace) in _paces)
        {
            if (pace.PerSecond is { } perSecond)
            {
                yield return new Measurement<double>(perSecond, new KeyValuePair<string, object?>(Tags.App, app));
            }
        }
    }
}

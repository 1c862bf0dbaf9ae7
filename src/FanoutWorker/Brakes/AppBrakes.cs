using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Brakes;

/// <summary>
/// The brakes of all apps that this worker serves. Reports for each that is being sent to every 100 ms, so that all workers stop
/// together, and asks for the others every few seconds, so that the metric is there whoever is scraped.
/// </summary>
internal sealed class AppBrakes : BackgroundService
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HeardJustNow = TimeSpan.FromSeconds(1);

    /// <summary>By name and approach: what was begun with a key that was replaced since reports as what it is.</summary>
    private readonly ConcurrentDictionary<(string App, string Approach), AppBrake> _brakes = new();

    private readonly AppCatalog _apps;
    private readonly Func<ServedApp, AppBrake> _make;
    private readonly TimeProvider _clock;

    public AppBrakes(AppCatalog apps, IBrakeBooks books, FanoutMetrics metrics, TimeProvider clock, ILogger<AppBrakes> logger)
    {
        _apps = apps;
        _make = app => new AppBrake(app, books, Guid.NewGuid().ToString("N"), metrics, clock, logger);
        _clock = clock;
        metrics.ObserveBrakes(() => apps.All.Select(Of).Where(brake => brake.Condition is not null));
    }

    public AppBrake Of(ServedApp app) => _brakes.TryGetValue((app.Name, app.Approach), out var brake)
        ? brake
        : _brakes.GetOrAdd((app.Name, app.Approach), static (_, made) => made.Make(made.App), (Make: _make, App: app));

    /// <summary>Whether a batch of it runs, or answers wait to be reported.</summary>
    public bool IsBusy(ServedApp app) => _brakes.TryGetValue((app.Name, app.Approach), out var brake) && brake.IsActive;

    /// <summary>How the app stood a moment ago, asked for if nobody has just now; null when this worker does not serve it or Redis did not say.</summary>
    public async ValueTask<AppCondition?> AskAsync(string app, CancellationToken cancellationToken)
    {
        if (_apps.Find(app) is not { } served)
        {
            return null;
        }
        var brake = Of(served);
        if (!brake.HeardWithin(HeardJustNow))
        {
            await brake.ReportAsync(cancellationToken);
        }
        return brake.HeardWithin(HeardJustNow) ? brake.Condition : null;
    }

    public override void Dispose()
    {
        foreach (var brake in _brakes.Values)
        {
            brake.Dispose();
        }
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReportEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var served = _apps.All.Select(Of).ToHashSet();
                foreach (var (key, _) in _brakes.Where(brake => !served.Contains(brake.Value) && !brake.Value.IsActive))
                {
                    _brakes.TryRemove(key, out _); // not disposed: a batch may just have got it, and then has one that nobody else asks
                }
                await Task.WhenAll(_brakes.Values.Where(brake => brake.IsActive || !brake.HeardWithin(AskEvery)).Select(brake => brake.ReportAsync(stoppingToken)));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Batches that end now report once more themselves.
        }
    }
}

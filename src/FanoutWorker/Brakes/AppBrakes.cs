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

    private readonly Dictionary<string, AppBrake> _apps;
    private readonly TimeProvider _clock;

    public AppBrakes(AppCatalog apps, IBrakeBooks books, FanoutMetrics metrics, TimeProvider clock, ILogger<AppBrakes> logger)
    {
        var worker = Guid.NewGuid().ToString("N");
        _apps = apps.All.ToDictionary(app => app.Name, app => new AppBrake(app, books, worker, metrics, clock, logger));
        _clock = clock;
        metrics.ObserveBrakes(() => _apps.Values.Where(brake => brake.Condition is not null));
    }

    public AppBrake Of(ServedApp app) => _apps[app.Name];

    /// <summary>How the app stood a moment ago, asked for if nobody has just now; null when this worker does not serve it or Redis did not say.</summary>
    public async ValueTask<AppCondition?> AskAsync(string app, CancellationToken cancellationToken)
    {
        if (!_apps.TryGetValue(app, out var brake))
        {
            return null;
        }
        if (!brake.HeardWithin(HeardJustNow))
        {
            await brake.ReportAsync(cancellationToken);
        }
        return brake.HeardWithin(HeardJustNow) ? brake.Condition : null;
    }

    public override void Dispose()
    {
        foreach (var brake in _apps.Values)
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
                await Task.WhenAll(_apps.Values.Where(brake => brake.IsActive || !brake.HeardWithin(AskEvery)).Select(brake => brake.ReportAsync(stoppingToken)));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Batches that end now report once more themselves.
        }
    }
}

using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// Shows what all workers together know of each app: work that is left, and tokens in quarantine. Every worker reads the same books every few
/// seconds, so any of them can be asked; while Redis does not answer there are no values.
/// </summary>
internal sealed class SharedState : BackgroundService
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);

    private readonly AppCatalog _apps;
    private readonly INotificationLedger _ledger;
    private readonly IBrakeBooks _brakes;
    private readonly ExpansionOptions _expansion;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<AppState> _last = [];

    public SharedState(IMeterFactory meters, AppCatalog apps, INotificationLedger ledger, IBrakeBooks brakes, PushFanoutOptions options, TimeProvider clock)
    {
        (_apps, _ledger, _brakes, _expansion, _clock) = (apps, ledger, brakes, options.Expansion, clock);
        var meter = meters.Create(FanoutMetrics.MeterName);
        Gauge("pushfanout.notifications.running", "{notification}", "Notifications of more than one batch that have not ended, paused ones included; every worker shows the same.", app => app.Running);
        Gauge(
            "pushfanout.tokens.pending", "{token}",
            "Tokens without an outcome in notifications of more than one batch that may be sent now; what is not expanded yet is estimated. Every worker shows the same.",
            app => app.Pending);
        Gauge("pushfanout.quarantine.size", "{token}", "Tokens put into quarantine since an operator last decided; every worker shows the same.", app => app.Quarantined);

        void Gauge(string name, string unit, string description, Func<AppState, long> value) => meter.CreateObservableGauge(
            name, () => _last.Select(app => new Measurement<long>(value(app), new KeyValuePair<string, object?>(Tags.App, app.Name))), unit, description);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ReadEvery, _clock);
        try
        {
            do
            {
                _last = await ReadAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Nothing is left to do.
        }
    }

    private async Task<IReadOnlyList<AppState>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var running = (await _ledger.ListRunningAsync(cancellationToken)).ToLookup(status => status.Totals.App);
            var apps = new List<AppState>();
            foreach (var app in _apps.All)
            {
                var books = await _brakes.ReadAsync(app.Name, cancellationToken);
                var sending = running[app.Name].Where(status => status.State == NotificationState.Running && !books.Open);
                apps.Add(new AppState(app.Name, running[app.Name].Count(), sending.Sum(PendingOf), books.Quarantined.Values.Sum()));
            }
            return apps;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return []; // Redis is away, or whatever else: a gauge is nothing that a worker ends for
        }
    }

    private long PendingOf(NotificationStatus status)
    {
        var totals = status.Totals;
        var rangeTokens = status.RangesExpanded > 0 ? totals.Audience / status.RangesExpanded : _expansion.RangeTokens;
        return totals.ByOutcome[(int)Outcome.Pending] + ((status.Ranges - status.RangesExpanded) * rangeTokens);
    }

    private sealed record AppState(string Name, long Running, long Pending, long Quarantined);
}

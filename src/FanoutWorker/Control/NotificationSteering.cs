using Microsoft.Extensions.Logging;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Control;

/// <summary>Pauses, resumes, cancels and expires notifications, whoever asks: a message, the HTTP API or a tick.</summary>
internal sealed partial class NotificationSteering(
    INotificationLedger ledger, IBrakeBooks brakes, NotificationEnd end, RangeRelease release, ILogger<NotificationSteering> logger)
{
    /// <summary>
    /// Applies the action; of two the later <paramref name="at"/> wins, and a cancel is final. Who resumes a send that the brake holds
    /// says that its cause is mended: the brake of the app closes, and what it stopped goes on, small again at first.
    /// </summary>
    public async Task<ControlResult> ApplyAsync(Guid notification, Ledger.ControlAction action, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var result = await ledger.ControlAsync(notification, action, at, cancellationToken);
        if (result.Applied)
        {
            Applied(logger, notification, action, result.State);
        }
        if (action == Ledger.ControlAction.Resume && result.State == NotificationState.Running && await ledger.ReadAsync(notification, cancellationToken) is { App: var app })
        {
            await brakes.DecideAsync(app, BrakeDecision.Resume, at, cancellationToken);
        }
        if (result.Complete)
        {
            await end.CompleteAsync(notification, await ledger.ReadAsync(notification, cancellationToken) is { ShortWay: true });
        }
        else if (result.Applied && result.Known)
        {
            await NudgeAsync(notification, cancellationToken);
        }
        return result;
    }

    /// <summary>
    /// Asks the ledger for a range that waits to be handed out. Batches that rest come back by themselves and ask too, but after a
    /// pause there may be none left.
    /// </summary>
    public async Task NudgeAsync(Guid notification, CancellationToken cancellationToken)
    {
        var asked = await ledger.SettleAsync(notification, [], cancellationToken);
        if (asked.Progress.ReleaseRange >= 0)
        {
            release.Request(notification, asked.Progress.ReleaseRange, Trail.Current);
        }
    }

    [LoggerMessage(5020, LogLevel.Information, "Notification {NotificationId}: {Action}, now {State}")]
    private static partial void Applied(ILogger logger, Guid notificationId, Ledger.ControlAction action, NotificationState state);
}

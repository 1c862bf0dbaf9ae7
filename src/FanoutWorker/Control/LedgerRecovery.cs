using Microsoft.Extensions.Logging;
using PushFanout.Contracts;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Control;

/// <summary>
/// Makes the record of a notification anew after Redis lost it, from the one message that is certain to be alive: its tick, or on
/// the short way its batch. What had been settled is forgotten and sent again under the same collapse id; nothing is left out.
/// </summary>
internal sealed partial class LedgerRecovery(INotificationLedger ledger, PushFanoutOptions options, FanoutMetrics metrics, ILogger<LedgerRecovery> logger)
{
    /// <summary>The record as it stands then; null when the id has ended in the meantime.</summary>
    public async Task<StoredNotification?> RecoverAsync(NotificationTick tick, NotificationPlan plan, CancellationToken cancellationToken)
    {
        if (ActionFor(tick.State) is { } action)
        {
            // The oldest moment there can be: whatever an operator asked for since then is later, and wins.
            await ledger.ControlAsync(tick.NotificationId, action, plan.RequestedAt, cancellationToken);
        }
        var request = StoredRequest.Read(plan.Request).Request;
        var (_, malformed) = Audiences.Of(request.Audience);
        return await CreateAsync(
            new NewNotification(
                tick.NotificationId, request.App, RequestDigest.Of(request), plan.Request, plan.RangeEnds, options.Expansion.WindowRanges,
                ShortWay: null, malformed, UsersWithoutDevices: 0, plan.RequestedAt)
            {
                Losses = tick.Losses + 1,
            },
            cancellationToken);
    }

    /// <summary>The same for a batch that is its whole notification.</summary>
    public Task RecoverAsync(PushBatch batch, RequestOrigin origin, CancellationToken cancellationToken)
    {
        // Whom it asked for is in the tokens; of the request only what the end needs is left.
        var request = new NotificationRequested
        {
            NotificationId = batch.Key.Notification,
            App = batch.Template.App,
            Audience = new Audience(),
            Payload = PushPayload.Parse(System.Text.Encoding.UTF8.GetString(batch.Payload.Span)),
            Source = batch.Template.Source,
            Reference = origin.Reference,
            Report = origin.Report,
            DryRun = batch.Template.DryRun,
        };
        return CreateAsync(
            new NewNotification(
                request.NotificationId, request.App, Convert.FromHexString(origin.Digest), StoredRequest.Write(request), RangeEnds: [1], options.Expansion.WindowRanges,
                new RangeContent(batch.Tokens, batch.Key.Digest64), Malformed: 0, UsersWithoutDevices: 0, batch.Template.RequestedAt)
            {
                Losses = 1,
            },
            cancellationToken);
    }

    private async Task<StoredNotification?> CreateAsync(NewNotification notification, CancellationToken cancellationToken)
    {
        var created = await ledger.CreateAsync(notification, cancellationToken);
        if (created.Verdict is CreateVerdict.New or CreateVerdict.Cancelled)
        {
            metrics.LedgerLost(notification.App);
            Recovered(logger, notification.Id, notification.App, notification.RangeEnds.Count);
        }
        return created.Stored;
    }

    private static Ledger.ControlAction? ActionFor(NotificationState state) => state switch
    {
        NotificationState.Paused => Ledger.ControlAction.Pause,
        NotificationState.Cancelled => Ledger.ControlAction.Cancel,
        NotificationState.Expired => Ledger.ControlAction.Expire,
        _ => null,
    };

    [LoggerMessage(5040, LogLevel.Error,
        "Notification {NotificationId} of {App}: Redis has lost its books while it was running. They are made anew, {Ranges} ranges from the start: devices may get it twice, its totals are not exact")]
    private static partial void Recovered(ILogger logger, Guid notificationId, string app, int ranges);
}

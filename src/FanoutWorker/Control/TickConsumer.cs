using Microsoft.Extensions.Logging;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Control;

/// <summary>
/// Follows a notification from its start to its end through the wait queues. Everything it does is done elsewhere too; it is there
/// for the case that whoever was to do it died: publish the end, expire at the deadline, publish a range again that got lost.
/// </summary>
internal sealed partial class TickConsumer(
    INotificationLedger ledger, NotificationEnd end, NotificationSteering steering, RangeRelease release, LedgerRecovery recovery, BrakeWatch brakes, MessageSender sender,
    ILogger<TickConsumer> logger)
{
    /// <summary>Ticks without one new outcome before the ranges that are out are published again.</summary>
    private const int StandstillLimit = 4;

    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (IncomingWork.TryRead<NotificationTick>(message, out var tick) is { } unreadable)
        {
            return unreadable;
        }
        if (await ledger.ReadAsync(tick.NotificationId, stopping) is not { } notification)
        {
            return await EndedOrLostAsync(tick, stopping);
        }
        if (tick.Number <= notification.Ticked)
        {
            return Disposition.Done; // its successor is under way
        }
        if (notification.Complete)
        {
            await end.CompleteAsync(tick.NotificationId, notification.ShortWay);
            return Disposition.Done;
        }
        if (notification.Now >= tick.Deadline && notification.State is NotificationState.Running or NotificationState.Paused)
        {
            await steering.ApplyAsync(tick.NotificationId, Ledger.ControlAction.Expire, notification.Now, stopping);
        }
        // From a build that does not count its ticks: taken for the next.
        var number = tick.Number ?? notification.Ticked + 1 ?? 0;
        var next = Following(tick, number, notification);
        var waits = notification.State is NotificationState.Paused || await brakes.HoldsUpAsync(notification.App, stopping) is not null || (tick.NotBefore is { } start && start > notification.Now);
        if (!waits && next.StandstillTicks >= StandstillLimit && notification.Unfinished.Count > 0 && next.StandstillTicks % StandstillLimit == 0)
        {
            Standstill(logger, tick.NotificationId, next.SettledTokens, notification.Unfinished.Count);
            await release.PublishAsync(notification, notification.Unfinished, stopping);
        }
        if (!waits && next.StandstillTicks > 0)
        {
            await steering.NudgeAsync(tick.NotificationId, stopping);
        }
        await sender.SendWorkLaterAsync(TierOf(next, notification.Now), QueueNames.NotificationControl, WorkMessageFormat.Write(next), stopping);
        // Not before: who dies in between leaves this tick to be delivered again, and of its two successors one ends as a copy.
        await ledger.TickedAsync(tick.NotificationId, number, CancellationToken.None);
        return Disposition.Done;
    }

    /// <summary>The record of one that ended is kept for longer than a tick can rest, so one without any was lost.</summary>
    private async Task<Disposition> EndedOrLostAsync(NotificationTick tick, CancellationToken stopping)
    {
        // On the short way the batch makes it anew.
        if (tick.Plan is not { } plan || await ledger.ReadStatusAsync(tick.NotificationId, stopping) is not null)
        {
            return Disposition.Done;
        }
        // Not at once: a Redis that is loading comes back.
        if (tick.LostBefore && await recovery.RecoverAsync(tick, plan, stopping) is { } notification)
        {
            tick = tick with { SettledTokens = 0, StandstillTicks = 0, Losses = tick.Losses + 1 };
            await release.PublishAsync(notification, notification.Unfinished, stopping);
        }
        await sender.SendWorkLaterAsync(
            WaitTier.FiveSeconds, QueueNames.NotificationControl, WorkMessageFormat.Write(tick with { LostBefore = !tick.LostBefore, Number = tick.Number + 1 }), stopping);
        if (tick.Number is { } number)
        {
            // Copies of this tick know nothing of the loss that the next one counts. Nothing as long as there is no record.
            await ledger.TickedAsync(tick.NotificationId, number, CancellationToken.None);
        }
        return Disposition.Done;
    }

    private static NotificationTick Following(NotificationTick tick, int number, StoredNotification notification) => tick with
    {
        SettledTokens = notification.SettledTokens,
        StandstillTicks = notification.SettledTokens == tick.SettledTokens ? tick.StandstillTicks + 1 : 0,
        State = notification.State,
        LostBefore = false,
        Number = number + 1,
    };

    /// <summary>Often while things move, seldom while they rest, and in time for the deadline.</summary>
    private static WaitTier TierOf(NotificationTick tick, DateTimeOffset now)
    {
        var wanted = tick.StandstillTicks < 12 ? WaitTier.FiveSeconds : WaitTier.ThirtySeconds;
        var left = tick.Deadline - now;
        return left > TimeSpan.Zero && left < wanted.Delay ? WaitTier.AtLeast(left) : wanted;
    }

    [LoggerMessage(5030, LogLevel.Warning, "Notification {NotificationId}: standstill at {SettledTokens} settled tokens; {Ranges} ranges are published again")]
    private static partial void Standstill(ILogger logger, Guid notificationId, long settledTokens, int ranges);
}

using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Feedback;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Dispatch;

/// <summary>One batch: claim it, push what is still pending, settle every answer, hand on what is left.</summary>
internal sealed partial class BatchDispatch(
    INotificationLedger ledger, AppCatalog apps, BatchSender sender, OutcomeFlusher flusher, DeadTokenFeed feed, LeftOver leftOver,
    BrakeWatch brakes, TokenQuarantine quarantine,
    NotificationEnd end, NotificationSteering steering, RangeRelease release, LedgerRecovery recovery, MessageSender messages, FanoutMetrics metrics, TimeProvider clock,
    ILogger<BatchDispatch> logger)
{
    /// <summary>How long a batch waits for Redis to take its outcomes before its message goes to a wait queue.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);

    private static Disposition RestLost => Disposition.Later(WaitTier.FiveSeconds, "ledger lost");

    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (IncomingWork.TryRead<PushBatch>(message, out var batch) is { } unreadable)
        {
            return unreadable;
        }
        StageSpans.Describe(batch);
        if (apps.Find(batch.Template.App) is not { } app)
        {
            return Disposition.Later(WaitTier.ThirtySeconds, "unknown app");
        }
        if (batch.Template.NotBefore is { } start && start > clock.GetUtcNow())
        {
            return Disposition.Later(WaitTier.NotLongerThan(start - clock.GetUtcNow()), "not before");
        }
        if (flusher.IsUnsettled(batch.Key))
        {
            return Disposition.Later(WaitTier.FiveSeconds, "redis");
        }
        return batch.Template.Deadline > clock.GetUtcNow() && await brakes.HoldsUpAsync(app.Name, stopping) is { } wait
            ? Disposition.Later(wait, "braked")
            : await ClaimAsync(app, batch, stopping);
    }

    /// <summary>The batch is about to be parked: its pending tokens are undeliverable, so that the notification can end without them.</summary>
    public async Task<Disposition> GiveUpAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (IncomingWork.TryRead<PushBatch>(message, out var batch) is { } unreadable)
        {
            return unreadable;
        }
        var owner = NewOwner();
        var claimedAt = clock.GetTimestamp();
        var claim = await ClaimAsync(batch, owner, unhold: false, stopping);
        return claim.Verdict switch
        {
            ClaimVerdict.Go or ClaimVerdict.Cancelled or ClaimVerdict.Poison =>
                await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Undeliverable, OutcomeReason.Parked)),
            ClaimVerdict.Busy or ClaimVerdict.Paused => Disposition.Later(WaitTier.ThirtySeconds, "failure"),
            _ => Disposition.Done,
        };
    }

    private async Task<ClaimResult> ClaimAsync(PushBatch batch, ulong owner, bool unhold, CancellationToken stopping)
    {
        var claim = await ledger.ClaimAsync(
            new ClaimRequest(batch.Key, batch.Offset, batch.Tokens.Count, batch.Attempt, owner, OutcomeFlusher.Lease, unhold), stopping);
        if (claim.Progress.ReleaseRange >= 0)
        {
            release.Request(batch.Key.Notification, claim.Progress.ReleaseRange, Trail.Current); // at once: the batch may wait for its rate
        }
        return claim;
    }

    private async Task<Disposition> ClaimAsync(ServedApp app, PushBatch batch, CancellationToken stopping)
    {
        var owner = NewOwner();
        var claimedAt = clock.GetTimestamp();
        var unhold = batch.Held is { } held && await brakes.HasOpenedSinceAsync(app.Name, held.First, stopping);
        if (unhold)
        {
            batch = batch with { Held = null };
        }
        var claim = await ClaimAsync(batch, owner, unhold, stopping);
        metrics.BatchClaimed(batch.Lane.Word(), claim.Verdict.ToString().ToLowerInvariant());
        switch (claim.Verdict)
        {
            case ClaimVerdict.Go when claim.Progress.Now >= batch.Template.Deadline:
                return await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline));
            case ClaimVerdict.Go when batch.Template.DryRun:
                return await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Cancelled, OutcomeReason.DryRun));
            case ClaimVerdict.Go:
                return await SendAsync(app, batch, claim, owner, claimedAt, stopping);
            case ClaimVerdict.Cancelled when claim.Progress.State == NotificationState.Expired:
                return await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline));
            case ClaimVerdict.Cancelled:
                return await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Cancelled, OutcomeReason.None));
            case ClaimVerdict.Poison:
                Poison(logger, batch.Key);
                await CountAsync(batch, claim, owner, claimedAt, new OutcomeByte(Outcome.Undeliverable, OutcomeReason.Poison));
                return Disposition.Park("claimed again and again without one outcome: it kills its workers", "poison");
            case ClaimVerdict.Settled:
            case ClaimVerdict.Stale:
            case ClaimVerdict.Done:
                await FollowAsync(batch, claim.Progress);
                return Disposition.Done;
            case ClaimVerdict.Busy:
                return Disposition.Later(WaitTier.FiveSeconds, "busy");
            case ClaimVerdict.Paused:
                return await WaitPausedAsync(batch, claim, stopping);
            case ClaimVerdict.Lost:
                return await FollowLossAsync(app, batch, stopping);
            default:
                throw new InvalidOperationException($"unknown verdict {claim.Verdict}");
        }
    }

    private async Task<Disposition> SendAsync(ServedApp app, PushBatch batch, ClaimResult claim, ulong owner, long claimedAt, CancellationToken stopping)
    {
        using var run = new BatchRun(batch, claim.Outcomes, owner, claim.Progress.Now, flusher.Checkpoint, metrics, clock, stopping, brakes.Of(app));
        using var tracked = flusher.Track(run, claimedAt);
        var settled = false;
        try
        {
            return await SendAsync(app, run, claim, () => settled = true, stopping);
        }
        catch (BrokerUnavailableException)
        {
            await LetGoAsync(run, settled);
            throw;
        }
    }

    /// <param name="onSettled">Called when the ledger has everything that the run knows.</param>
    private async Task<Disposition> SendAsync(ServedApp app, BatchRun run, ClaimResult claim, Action onSettled, CancellationToken stopping)
    {
        var batch = run.Batch;
        using (StageSpans.StartPushes(app.Apns.Server, run.Tokens.Length))
        {
            await feed.FollowAsync(app, run, sender.SendAsync(app, run));
        }
        if (run.Held is { } held && brakes.IsOver(held, claim.Progress.Now))
        {
            await quarantine.PutAsync(app.Name, batch.Key.Notification, run.HeldTokens(), CancellationToken.None);
            run.RejectHeld();
        }
        if (batch.Attempt + 1 >= leftOver.MaxAttempts)
        {
            run.GiveUpOnUsedAttempts();
        }
        await flusher.FinishAsync(run, SettlePatience, CancellationToken.None);
        onSettled();
        if (run.LedgerLost)
        {
            return RestLost;
        }
        if (run.Complete)
        {
            await end.CompleteAsync(batch.Key.Notification, batch.Lane == Lane.Short);
        }
        await leftOver.HandOnAsync(run, claim.Progress.Now, stopping);
        return Disposition.Done;
    }

    /// <summary>
    /// The broker is away and its delivery comes back: whoever gets it need not wait for our lease, and the claim does not look like one of a worker
    /// that died. A ledger that does not answer either lets the lease run out.
    /// </summary>
    private async Task LetGoAsync(BatchRun run, bool settled)
    {
        try
        {
            if (!settled)
            {
                await flusher.FinishAsync(run, SettlePatience, CancellationToken.None);
            }
            await ledger.HandBackAsync(run.Batch.Key, run.Owner, CancellationToken.None);
        }
        catch (TokenCacheUnavailableException)
        {
            // The flusher goes on writing what it has.
        }
    }

    /// <summary>Settles what is pending without sending it.</summary>
    private async Task<Disposition> CountAsync(PushBatch batch, ClaimResult claim, ulong owner, long claimedAt, OutcomeByte outcome)
    {
        using var run = new BatchRun(batch, claim.Outcomes, owner, claim.Progress.Now, flusher.Checkpoint, metrics, clock, CancellationToken.None);
        run.SettleAll(outcome);
        using var tracked = flusher.Track(run, claimedAt);
        await flusher.FinishAsync(run, SettlePatience, CancellationToken.None);
        if (run.LedgerLost)
        {
            return RestLost;
        }
        await FollowAsync(batch, claim.Progress with { Complete = run.Complete });
        return Disposition.Done;
    }

    /// <summary>
    /// On the planned way the tick makes the record anew, and this batch is stale then. A batch of the short way is its whole
    /// notification and does so itself, the second time: a Redis that is loading comes back.
    /// </summary>
    private async Task<Disposition> FollowLossAsync(ServedApp app, PushBatch batch, CancellationToken stopping)
    {
        if (batch.Origin is not { } origin)
        {
            return RestLost;
        }
        if (!batch.LostBefore)
        {
            await messages.SendWorkLaterAsync(
                WaitTier.FiveSeconds, QueueNames.PushBatch(batch.Lane), WorkMessageFormat.Write(batch with { LostBefore = true }), stopping);
            return Disposition.Done;
        }
        await recovery.RecoverAsync(batch, origin, stopping);
        return await ClaimAsync(app, batch with { LostBefore = false }, stopping);
    }

    private async Task<Disposition> WaitPausedAsync(PushBatch batch, ClaimResult claim, CancellationToken stopping)
    {
        if (claim.Progress.Now >= batch.Template.Deadline)
        {
            await steering.ApplyAsync(batch.Key.Notification, ControlAction.Expire, claim.Progress.Now, stopping);
        }
        return Disposition.Later(WaitTier.FiveSeconds, "paused");
    }

    private async Task FollowAsync(PushBatch batch, LedgerProgress progress)
    {
        if (progress.Complete)
        {
            await end.CompleteAsync(batch.Key.Notification, batch.Lane == Lane.Short);
        }
    }

    /// <summary>Random, so that a process that died and came back is not taken for itself; never 0.</summary>
    private static ulong NewOwner()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return BitConverter.ToUInt64(random) | 1;
    }

    [LoggerMessage(3010, LogLevel.Error, "Batch {Batch} was claimed five times without one outcome: parked, its tokens are undeliverable")]
    private static partial void Poison(ILogger logger, BatchKey batch);
}

using PushFanout.Worker.Brakes;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// Decides when the tokens of a batch that have no outcome yet are tried again, and sends the message that will do it. It is
/// confirmed before the ledger advances, so a crash between leaves two copies, of which the ledger lets one through, and never none.
/// </summary>
internal sealed class LeftOver(
    INotificationLedger ledger, MessageSender sender, DispatchOptions options, BrakeRules brake, FanoutMetrics metrics, TimeProvider clock)
{
    public int MaxAttempts => options.MaxAttempts;

    /// <param name="now">Redis time at the claim.</param>
    public async Task HandOnAsync(BatchRun run, DateTimeOffset now, CancellationToken stopping)
    {
        var (count, attemptUsed) = run.Left();
        var held = run.Held;
        if (count == 0 && held is null)
        {
            return;
        }
        var batch = run.Batch with { Held = held };
        var queue = QueueNames.PushBatch(batch.Lane);
        if (attemptUsed)
        {
            var next = batch with { Attempt = batch.Attempt + 1 };
            var tier = RetryDelay.After(batch.Attempt, run.RetryAfter, batch.Template.Deadline - now, Random.Shared.NextDouble());
            await sender.SendWorkLaterAsync(tier, queue, WorkMessageFormat.Write(next), CancellationToken.None);
            metrics.RetryScheduled(batch.Lane.Word(), tier.Word, count, next.Attempt);
            await ledger.AdvanceAsync(batch.Key, next.Attempt, CancellationToken.None);
            return;
        }
        // Nothing of this attempt was handled: the same attempt again, by whoever comes first.
        if (stopping.IsCancellationRequested)
        {
            await sender.SendWorkAsync(queue, WorkMessageFormat.Write(batch), CancellationToken.None);
        }
        else
        {
            var tier = count == 0 ? TierOfHeld(held!, now) : TierOf(run);
            await sender.SendWorkLaterAsync(tier, queue, WorkMessageFormat.Write(batch), CancellationToken.None);
            metrics.RetryScheduled(batch.Lane.Word(), tier.Word, count);
        }
        await ledger.HandBackAsync(batch.Key, run.Owner, CancellationToken.None);
    }

    /// <summary>Until the brake's window closes over the last of them.</summary>
    private WaitTier TierOfHeld(HeldTime held, DateTimeOffset now) => WaitTier.NotLongerThan(held.Last + brake.Window - now);

    private WaitTier TierOf(BatchRun run)
    {
        if (run.CredentialRefused || run.HeldUpBy == AdmissionRefusal.CredentialRests)
        {
            return WaitTier.ThirtySeconds; // an operator has to act; asking often would only be more refusals
        }
        if (run.State is NotificationState.Cancelled or NotificationState.Expired)
        {
            return WaitTier.OneSecond;
        }
        if (run.HeldUpBy == AdmissionRefusal.Braked)
        {
            return WaitTier.FiveSeconds;
        }
        var waited = clock.GetUtcNow() - run.Batch.Template.RequestedAt;
        return run.State == NotificationState.Running && waited < TimeSpan.FromMinutes(1) ? WaitTier.OneSecond : WaitTier.FiveSeconds;
    }
}

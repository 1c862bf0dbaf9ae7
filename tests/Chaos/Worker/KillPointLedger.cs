using PushFanout.Worker.Ledger;

namespace PushFanout.Chaos.Worker;

/// <summary>The ledger as it is, with the moments before and after its writes as places to die.</summary>
internal sealed class KillPointLedger(INotificationLedger ledger, KillPoint kill) : LedgerDecorator(ledger)
{
    public override async Task<CreateResult> CreateAsync(NewNotification notification, CancellationToken cancellationToken)
    {
        var result = await base.CreateAsync(notification, cancellationToken);
        if (result.Verdict == CreateVerdict.New)
        {
            kill.Reach(KillStage.Create);
        }
        return result;
    }

    public override async Task<SnapResult> SnapAsync(Guid id, int range, RangeContent content, CancellationToken cancellationToken)
    {
        var result = await base.SnapAsync(id, range, content, cancellationToken);
        if (result.Verdict == SnapVerdict.Stored)
        {
            kill.Reach(KillStage.Snap);
        }
        return result;
    }

    public override Task<LedgerProgress> ExpandedAsync(Guid id, int range, int generation, ulong digest64, CancellationToken cancellationToken)
    {
        kill.Reach(KillStage.Expanded);
        return base.ExpandedAsync(id, range, generation, digest64, cancellationToken);
    }

    public override async Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken)
    {
        var result = await base.ClaimAsync(claim, cancellationToken);
        if (result.Verdict == ClaimVerdict.Go)
        {
            kill.Reach(KillStage.Claim);
        }
        return result;
    }

    public override async Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken)
    {
        var hasOutcomes = segments.Any(segment => !segment.Outcomes.IsEmpty);
        if (hasOutcomes)
        {
            kill.Reach(KillStage.BeforeSettle);
        }
        var result = await base.SettleAsync(id, segments, cancellationToken);
        if (hasOutcomes)
        {
            kill.Reach(KillStage.AfterSettle);
        }
        return result;
    }

    public override Task AdvanceAsync(BatchKey batch, int nextAttempt, CancellationToken cancellationToken)
    {
        kill.Reach(KillStage.BeforeAdvance);
        return base.AdvanceAsync(batch, nextAttempt, cancellationToken);
    }

    public override async Task<NotificationTotals?> FinishAsync(Guid id, CancellationToken cancellationToken)
    {
        var totals = await base.FinishAsync(id, cancellationToken);
        if (totals is not null)
        {
            kill.Reach(KillStage.Finish);
        }
        return totals;
    }

    public override Task CloseAsync(Guid id, TimeSpan dedupeWindow, TimeSpan receiptRetention, CancellationToken cancellationToken)
    {
        kill.Reach(KillStage.Close);
        return base.CloseAsync(id, dedupeWindow, receiptRetention, cancellationToken);
    }
}

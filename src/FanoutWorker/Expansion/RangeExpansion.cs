using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Expansion;

/// <summary>
/// One range: read its tokens, fix them in the ledger, publish them in batches, mark the range as expanded. Handled twice, or by two
/// workers at once, it gives the same batches: the first who fixes the content wins.
/// </summary>
internal sealed class RangeExpansion(
    ITokenCache cache, INotificationLedger ledger, MessageSender sender, AppCatalog apps, BrakeWatch brakes, RangeRelease release, NotificationEnd end,
    PushFanoutOptions options, FanoutMetrics metrics, TimeProvider clock)
{
    /// <summary>Batches on their way to the broker at a time; a send to one user waits for its two messages behind them.</summary>
    private const int PublishesInFlight = 4;

    private static readonly AudienceExpression Everyone = new([ContractNames.AllAudience], [], [], [], []);

    public async Task<Disposition> HandleAsync(IncomingMessage message, CancellationToken stopping)
    {
        if (IncomingWork.TryRead<ExpandRange>(message, out var range) is { } unreadable)
        {
            return unreadable;
        }
        var request = StoredRequest.Read(range.Request).Request;
        if (apps.Find(request.App) is not { } app)
        {
            return Disposition.Later(WaitTier.ThirtySeconds, "unknown app");
        }
        StageSpans.Describe(range, app.Name);
        var template = PushTemplates.Of(request, app.Options, range.RequestedAt);
        if (template.NotBefore is { } start && start > clock.GetUtcNow())
        {
            return Disposition.Later(WaitTier.NotLongerThan(start - clock.GetUtcNow()), "not before");
        }
        return template.Deadline > clock.GetUtcNow() && await brakes.HoldsUpAsync(request.App, stopping) is { } wait
            ? Disposition.Later(wait, "braked")
            : await ExpandAsync(range, request, template, stopping);
    }

    private async Task<Disposition> ExpandAsync(ExpandRange range, NotificationRequested request, PushTemplate template, CancellationToken stopping)
    {
        var started = clock.GetTimestamp();
        var (audience, _) = Audiences.Of(request.Audience);
        var tokens = Audiences.IsNobody(request.Audience, audience)
            ? PackedTokens.Empty
            : await cache.ReadAsync(request.App, audience, range.FirstShard, range.EndShard, stopping);
        if (tokens.Count == 0 && await IsCacheLostAsync(range, request.App, stopping))
        {
            return Disposition.Later(WaitTier.ThirtySeconds, "devices lost");
        }
        var snap = await ledger.SnapAsync(range.NotificationId, range.Range, RangeContent.Of(tokens), stopping);
        switch (snap.Verdict)
        {
            case SnapVerdict.Done:
                return Disposition.Done;
            case SnapVerdict.Lost:
                return Disposition.Later(WaitTier.FiveSeconds, "ledger lost");
        }
        switch (snap.State)
        {
            case NotificationState.Paused:
                return Disposition.Later(WaitTier.FiveSeconds, "paused");
            case NotificationState.Cancelled:
                await CountAsync(range, snap, new OutcomeByte(Outcome.Cancelled, OutcomeReason.None));
                break;
            case NotificationState.Expired:
            case NotificationState.Running when snap.Now >= template.Deadline:
                await CountAsync(range, snap, new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline));
                break;
            case NotificationState.Running when template.DryRun:
                await CountAsync(range, snap, new OutcomeByte(Outcome.Cancelled, OutcomeReason.DryRun));
                break;
            case NotificationState.Running:
                await PublishAsync(range, request, template, snap, stopping);
                break;
            default:
                return Disposition.Done;
        }
        var progress = await ledger.ExpandedAsync(range.NotificationId, range.Range, snap.Generation, snap.Content.Digest64, stopping);
        metrics.RangeExpanded(range.Lane.Word(), snap.Content.Tokens.Count, clock.GetElapsedTime(started));
        if (progress.Complete)
        {
            await end.CompleteAsync(range.NotificationId, shortWay: false);
        }
        if (progress.ReleaseRange >= 0)
        {
            release.Request(range.NotificationId, progress.ReleaseRange, Trail.Current);
        }
        return Disposition.Done;
    }

    /// <summary>
    /// What took the books may have taken the devices too. While an app has none at all, a range of a send that was lost is not
    /// read as empty: it waits for the devices to be imported again, or for the deadline.
    /// </summary>
    private async Task<bool> IsCacheLostAsync(ExpandRange range, string app, CancellationToken stopping) =>
        await ledger.ReadStatusAsync(range.NotificationId, stopping) is { Totals.Exact: false, State: NotificationState.Running or NotificationState.Paused }
        && await cache.CountAsync(app, Everyone, stopping) == 0;

    private async Task PublishAsync(ExpandRange range, NotificationRequested request, PushTemplate template, SnapResult snap, CancellationToken stopping)
    {
        var queue = QueueNames.PushBatch(range.Lane);
        await Parallel.ForEachAsync(
            BatchCutter.Of(snap.Content, options.Expansion.BatchTokens),
            new ParallelOptions { MaxDegreeOfParallelism = PublishesInFlight, CancellationToken = stopping },
            async (cut, cancellationToken) =>
            {
                var batch = new PushBatch(
                    new BatchKey(range.NotificationId, range.Range, snap.Generation, cut.Index, snap.Content.Digest64), range.Lane, cut.Offset, 0,
                    template, request.Payload.Utf8, cut.Tokens);
                await sender.SendWorkAsync(queue, WorkMessageFormat.Write(batch), cancellationToken);
                metrics.BatchPublished(range.Lane.Word(), cut.Tokens.Count);
            });
    }

    /// <summary>Settles the whole range without sending anything.</summary>
    private async Task CountAsync(ExpandRange range, SnapResult snap, OutcomeByte outcome)
    {
        foreach (var cut in BatchCutter.Of(snap.Content, options.Expansion.BatchTokens))
        {
            var outcomes = new byte[cut.Tokens.Count];
            Array.Fill(outcomes, outcome.Value);
            await ledger.SettleAsync(
                range.NotificationId,
                [new SettleSegment(new BatchKey(range.NotificationId, range.Range, snap.Generation, cut.Index, snap.Content.Digest64), cut.Offset, outcomes, 0, TimeSpan.Zero, 0)],
                CancellationToken.None);
        }
    }
}

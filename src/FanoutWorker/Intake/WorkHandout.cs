using PushFanout.Contracts;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Intake;

/// <summary>
/// Publishes the first messages of a notification. First of all its tick, so that something drives it whatever happens next; a
/// send of one batch has none (a thousand a second would keep tens of thousands of ticks circling): its batch is its driver.
/// </summary>
internal sealed class WorkHandout(MessageSender sender, RangeRelease release, FanoutMetrics metrics)
{
    public async Task StartAsync(NotificationRequested request, ServedApp app, CreateResult created, CancellationToken stopping)
    {
        var stored = created.Stored!;
        var template = PushTemplates.Of(request, app.Options, stored.RequestedAt);
        if (created.ShortWay is not { } content)
        {
            await StartTickAsync(stored, PushTemplates.LaneOf(request), template, stopping);
            await release.PublishAsync(stored, stored.Unfinished, stopping);
            return;
        }
        var batch = new PushBatch(
            new BatchKey(request.NotificationId, Range: 0, Generation: 1, Index: 0, content.Digest64), Messaging.Lane.Short, Offset: 0, Attempt: 0,
            template, request.Payload.Utf8, content.Tokens, new RequestOrigin(Convert.ToHexStringLower(RequestDigest.Of(request)), request.Reference, request.Report));
        if (template.NotBefore is { } start && start > created.Now)
        {
            await StartTickAsync(stored, Messaging.Lane.Short, template, stopping);
            await sender.SendWorkLaterAsync(
                WaitTier.NotLongerThan(start - created.Now), QueueNames.PushBatch(Messaging.Lane.Short), WorkMessageFormat.Write(batch), stopping);
            return;
        }
        await sender.SendWorkAsync(QueueNames.PushBatch(Messaging.Lane.Short), WorkMessageFormat.Write(batch), stopping);
        metrics.BatchPublished(Messaging.Lane.Short.Word(), content.Tokens.Count);
    }

    /// <remarks>Asked for again, with the number of the tick that is under way: whichever comes first goes on, the other is its copy.</remarks>
    private Task StartTickAsync(StoredNotification stored, Messaging.Lane lane, PushTemplate template, CancellationToken stopping) => sender.SendWorkLaterAsync(
        WaitTier.FiveSeconds, QueueNames.NotificationControl,
        WorkMessageFormat.Write(new NotificationTick(
            stored.Id, lane, template.NotBefore, template.Deadline, 0, 0,
            stored.ShortWay ? null : new NotificationPlan(stored.RequestedAt, stored.RangeEnds, stored.Request), stored.State,
            Number: stored.Ticked + 1 ?? 0)), stopping);
}

using PushFanout.Contracts;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Feedback;

/// <summary>
/// Reports the tokens of a batch that APNs called dead to the feedback queue. Only when a report is confirmed may they settle. It goes out while
/// the batch is still being sent: of a worker that dies, the accepted tokens are settled but for a moment's worth, and if the dead ones were not,
/// its batches would come back as nothing but dead tokens, and the brake would take a crash for a wrong environment.
/// </summary>
internal sealed class DeadTokenFeed(MessageSender sender, BrakeWatch brakes, TimeProvider clock)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when <paramref name="sending"/> has ended and every dead token of the run is reported.</summary>
    /// <exception cref="BrokerUnavailableException">The last report was not confirmed in time; what it named has not settled.</exception>
    public async Task FollowAsync(ServedApp app, BatchRun run, Task sending)
    {
        var confirmed = true;
        while (await Task.WhenAny(sending, Task.Delay(ReportEvery, clock)) != sending)
        {
            confirmed = confirmed && await TryReportAsync(app, run);
        }
        await sending;
        await ReportAsync(app, run);
    }

    /// <returns>Whether it was confirmed. If not, the end of the batch is time enough: the broker is away for a while.</returns>
    private async Task<bool> TryReportAsync(ServedApp app, BatchRun run)
    {
        try
        {
            await ReportAsync(app, run);
            return true;
        }
        catch (BrokerUnavailableException)
        {
            return false;
        }
    }

    private async Task ReportAsync(ServedApp app, BatchRun run)
    {
        var dead = run.DeadTokens();
        if (dead.Count == 0)
        {
            return;
        }
        await brakes.Of(app).ReportAsync(CancellationToken.None); // so that whoever is to remove them knows of these answers
        await sender.PublishAsync(
            Exchanges.DeadTokensFound, routingKey: null, TokenReports.Of(app.Name, run.Batch.Key.Notification, dead), messageId: null, CancellationToken.None);
        run.DeadTokensReported(dead.Count);
    }
}

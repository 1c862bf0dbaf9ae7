using PushFanout.Apns;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Dispatch;

/// <summary>Sends the pending tokens of a run, as fast as its rate allows; every token of it that was tried has its answer when it returns.</summary>
internal sealed class BatchSender(PushRate rate)
{
    public async Task SendAsync(ServedApp app, BatchRun run)
    {
        var batch = run.Batch;
        var notification = new ApnsNotification
        {
            Payload = batch.Payload,
            Topic = batch.Template.Topic,
            PushType = batch.Template.PushType,
            Priority = batch.Template.Priority,
            CollapseId = batch.Template.CollapseId,
            ExpirationUnixSeconds = batch.Template.ExpirationUnixSeconds,
            IdSeed = batch.Key.Notification,
        };
        var options = new ApnsSendOptions(Urgent: batch.Lane is Lane.Short or Lane.Urgent, run.Starts);
        List<Task>? slices = null;
        for (var from = 0; from < run.Tokens.Length && !run.StopStarting.IsCancellationRequested;)
        {
            var permits = await TakeAsync(run, run.Tokens.Length - from);
            if (permits == 0)
            {
                break;
            }
            var slice = app.Apns.SendAsync(notification, run.Tokens.Slice(from, permits), new SliceAnswers(run, from), options, run.StopStarting);
            (slices ??= []).Add(slice);
            from += permits;
            if (from < run.Tokens.Length && app.Apns.Statistics.ConnectionsOpen == 0)
            {
                await slice; // without a connection, what its rate permits would pile up and go out at once when there is one
            }
        }
        await Task.WhenAll(slices ?? []);
    }

    private async ValueTask<int> TakeAsync(BatchRun run, int wanted)
    {
        try
        {
            return await rate.TakeAsync(run.Batch, wanted, run.StopStarting);
        }
        catch (OperationCanceledException) when (run.StopStarting.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>Answers of a slice by position in the whole run.</summary>
    private sealed class SliceAnswers(BatchRun run, int from) : IPushAnswers
    {
        public void OnAnswer(int index, in PushAnswer answer) => run.OnAnswer(from + index, answer);
    }
}

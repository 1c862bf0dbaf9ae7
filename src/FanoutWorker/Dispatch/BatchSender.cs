using PushFanout.Apns;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Dispatch;

/// <summary>Sends the pending tokens of a run, as fast as the brake and the pace of its app and its rate allow; every token of it that was tried has its answer when it returns.</summary>
internal sealed class BatchSender(PushRate rate, AppPaces paces, AppBrakes brakes)
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
        var pace = paces.Of(app);
        List<Task>? slices = null;
        for (var from = 0; from < run.Tokens.Length && !run.StopStarting.IsCancellationRequested;)
        {
            var permits = await TakeAsync(app, run, run.Tokens.Length - from);
            if (permits == 0)
            {
                break;
            }
            var slice = SendSliceAsync(app, notification, run, from, permits, options, pace);
            (slices ??= []).Add(slice);
            from += permits;
            if (from < run.Tokens.Length && app.Apns.Statistics.ConnectionsOpen == 0)
            {
                await slice; // without a connection, what its rate permits would pile up and go out at once when there is one
            }
        }
        await Task.WhenAll(slices ?? []);
    }

    private static async Task SendSliceAsync(
        ServedApp app, ApnsNotification notification, BatchRun run, int from, int count, ApnsSendOptions options, AppPace pace)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.StopStarting, pace.FullSpeed);
        await app.Apns.SendAsync(notification, run.Tokens.Slice(from, count), new SliceAnswers(run, pace, from), options, stop.Token);
    }

    private async ValueTask<int> TakeAsync(ServedApp app, BatchRun run, int wanted)
    {
        var brake = brakes.Of(app);
        var admitted = 0;
        var permits = 0;
        try
        {
            (admitted, run.HeldUpBy) = await brake.AdmitAsync(wanted, run.StopStarting);
            var paced = admitted == 0 ? 0 : await paces.TakeAsync(app, admitted, run.StopStarting);
            permits = paced == 0 ? 0 : await rate.TakeAsync(run.Batch, paced, run.StopStarting);
        }
        catch (OperationCanceledException) when (run.StopStarting.IsCancellationRequested)
        {
            // Nothing more starts.
        }
        finally
        {
            brake.GiveBack(admitted - permits);
        }
        return permits;
    }

    /// <summary>Answers of a slice by position in the whole run.</summary>
    private sealed class SliceAnswers(BatchRun run, AppPace pace, int from) : IPushAnswers
    {
        public void OnAnswer(int index, in PushAnswer answer)
        {
            pace.Heard(answer);
            run.OnAnswer(from + index, answer);
        }
    }
}

using MassTransit;
using PushFanout.Worker.Messaging;

namespace PushFanout.Chaos.Worker;

/// <summary>The moments after a confirmed publish, and between a batch's work and its acknowledgement, as places to die.</summary>
internal sealed class KillPointMessages(KillPoint kill) : ISendObserver, IFilter<ReceiveContext>
{
    private static readonly string[] Ranges = [.. Enum.GetValues<Lane>().Where(lane => lane != Lane.Short).Select(QueueNames.ExpandRange)];
    private static readonly string[] Batches = [.. Enum.GetValues<Lane>().Select(QueueNames.PushBatch)];

    public Task PreSend<T>(SendContext<T> context) where T : class => Task.CompletedTask;

    public Task PostSend<T>(SendContext<T> context) where T : class
    {
        var queue = QueueOf(context.DestinationAddress);
        if (Ranges.Contains(queue))
        {
            kill.Reach(KillStage.BetweenRanges);
        }
        else if (Batches.Contains(queue))
        {
            kill.Reach(KillStage.BatchPublish);
        }
        return Task.CompletedTask;
    }

    public Task SendFault<T>(SendContext<T> context, Exception exception) where T : class => Task.CompletedTask;

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        await next.Send(context);
        if (Batches.Contains(QueueOf(context.InputAddress)))
        {
            kill.Reach(KillStage.BeforeAck);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("kill-points");

    public static string QueueOf(Uri? address) => address is null ? "" : address.AbsolutePath[(address.AbsolutePath.LastIndexOfAny(['/', ':']) + 1)..];
}

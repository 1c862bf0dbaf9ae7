using MassTransit;

namespace PushFanout.Chaos.Worker;

/// <summary>A guard that is taken out on purpose, to see that the oracle notices.</summary>
internal enum BrokenGuard
{
    /// <summary>The worker as it is.</summary>
    None,
    /// <summary>A batch is acknowledged before it is sent.</summary>
    AckBeforeSend,
    /// <summary>A token that APNs calls bad is deleted, though only 410 proves it dead.</summary>
    DeleteOn400,
    /// <summary>A batch is sent whole whatever the ledger says about it.</summary>
    NoLedger,
}

internal static class BrokenGuards
{
    /// <summary>Set in the environment of a worker that is to work without a guard.</summary>
    public const string Variable = "CHAOS_BREAK";

    public static BrokenGuard Read(string? text) => string.IsNullOrEmpty(text) ? BrokenGuard.None : Enum.Parse<BrokenGuard>(text);
}

/// <summary>Breaks the guard "work, then ack".</summary>
internal sealed class AckBeforeSend : IFilter<ReceiveContext>
{
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (!KillPointMessages.QueueOf(context.InputAddress).StartsWith("pushfanout.push-batch", StringComparison.Ordinal))
        {
            return next.Send(context);
        }
        _ = next.Send(context);
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("ack-before-send");
}

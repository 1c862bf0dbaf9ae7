using System.Diagnostics;

namespace PushFanout.Chaos.Worker;

/// <summary>Counts the events of the ordered stage and kills this process at the ordered one: SIGKILL, nothing is cleaned up.</summary>
internal sealed class KillPoint(KillOrder? order, UnsettledPushes unsettled)
{
    /// <summary>The last line of a worker that killed itself begins so.</summary>
    public const string LastWords = "chaos: dies at ";

    private int _events;

    /// <summary>An event of this stage happened; does not return when it was the ordered one.</summary>
    public void Reach(KillStage stage)
    {
        if (order?.Stage == stage && Interlocked.Increment(ref _events) == order.Event)
        {
            Die();
        }
    }

    /// <summary>The worker consumes: from here on counts a death by the clock.</summary>
    public void Started(TimeProvider clock)
    {
        if (order is { Stage: KillStage.Time })
        {
            _ = DieAfterAsync(TimeSpan.FromMilliseconds(order.Event), clock);
        }
    }

    private async Task DieAfterAsync(TimeSpan time, TimeProvider clock)
    {
        await Task.Delay(time, clock);
        Die();
    }

    private void Die()
    {
        Console.Out.Write($"{LastWords}{order} unsettled={unsettled.Count}\n");
        Console.Out.Flush();
        Process.GetCurrentProcess().Kill();
        new ManualResetEventSlim().Wait(); // the signal is on its way: nothing more happens on this thread
    }
}

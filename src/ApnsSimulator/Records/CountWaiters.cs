namespace PushFanout.ApnsSimulator;

/// <summary>Callers that wait for a count to be reached; free for the one who counts as long as nobody waits.</summary>
internal sealed class CountWaiters
{
    private readonly Lock gate = new();
    private readonly List<(long Count, TaskCompletionSource Reached)> waiting = [];
    private long lowest = long.MaxValue;

    /// <param name="count">What to wait for.</param>
    /// <param name="current">Where the count stands.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="cancellation">Ends the waiting by an exception.</param>
    public async Task<bool> WaitAsync(long count, Func<long> current, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Add((count, reached));
            Volatile.Write(ref lowest, Math.Min(lowest, count));
        }
        try
        {
            Reached(current()); // after the entry, so that a count reached in between is seen by one of the two
            await reached.Task.WaitAsync(timeout, time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (gate)
            {
                waiting.RemoveAll(waiter => ReferenceEquals(waiter.Reached, reached));
                FindLowest();
            }
        }
    }

    public void Reached(long count)
    {
        if (count < Volatile.Read(ref lowest))
        {
            return;
        }
        lock (gate)
        {
            foreach (var waiter in waiting)
            {
                if (waiter.Count <= count)
                {
                    waiter.Reached.TrySetResult();
                }
            }
            waiting.RemoveAll(waiter => waiter.Count <= count);
            FindLowest();
        }
    }

    private void FindLowest() => Volatile.Write(ref lowest, waiting.Count == 0 ? long.MaxValue : waiting.Min(waiter => waiter.Count));
}

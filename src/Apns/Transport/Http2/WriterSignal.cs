using System.Threading.Tasks.Sources;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>Wakes the one who waits, or lets him pass the next time: nothing is forgotten, nothing counted, nothing allocated.</summary>
internal sealed class WriterSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Nothing = 0, Waiting = 1, Set = 2;

    private ManualResetValueTaskSourceCore<bool> source;
    private int state;

    public void Wake()
    {
        if (Interlocked.Exchange(ref state, Set) == Waiting)
        {
            // Behind whatever is queued already: callers that were just answered have their next pushes ready by then, and all go out in one write.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public ValueTask WaitAsync()
    {
        if (Interlocked.Exchange(ref state, Nothing) == Set)
        {
            return ValueTask.CompletedTask;
        }
        source.Reset();
        return Interlocked.CompareExchange(ref state, Waiting, Nothing) == Nothing ? new ValueTask(this, source.Version) : WaitAsync();
    }

    void IThreadPoolWorkItem.Execute() => source.SetResult(true);

    void IValueTaskSource.GetResult(short token)
    {
        source.GetResult(token);
        Interlocked.Exchange(ref state, Nothing); // before he looks for work: what is added from now on wakes him again
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}

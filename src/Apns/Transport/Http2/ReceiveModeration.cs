using System.Threading.Tasks.Sources;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// A server that sends every answer by itself wakes us for each. While many streams wait and reads bring little, a pause of about a millisecond lets answers
/// come together: half the processor time. A connection with few streams never waits.
/// </summary>
internal sealed class ReceiveModeration : IValueTaskSource, IDisposable
{
    private const int ManyStreams = 64;
    private const int EnoughAnswers = 32;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ITimer timer;
    private ManualResetValueTaskSourceCore<bool> source;

    public ReceiveModeration(TimeProvider clock) =>
        timer = clock.CreateTimer(_ => source.SetResult(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <param name="answers">What the last read brought.</param>
    /// <param name="open">Streams that wait for an answer.</param>
    public static bool Helps(int answers, int open) => open >= ManyStreams && answers < Math.Min(open / 16, EnoughAnswers);

    /// <summary>Waits the pause out; one at a time.</summary>
    public ValueTask WaitAsync()
    {
        source.Reset();
        var pause = new ValueTask(this, source.Version);
        timer.Change(Pause, Timeout.InfiniteTimeSpan);
        return pause;
    }

    public void Dispose() => timer.Dispose();

    void IValueTaskSource.GetResult(short token) => source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);
}

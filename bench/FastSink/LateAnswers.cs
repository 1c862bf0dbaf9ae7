using System.Diagnostics;

namespace PushFanout.FastSink;

/// <summary>
/// Answers that are due a fixed time after their push: a line in the order of arrival, so neither a timer per push nor a sort is
/// needed. A thread of its own writes whatever is due together.
/// </summary>
internal sealed class LateAnswers(TimeSpan latency, AnswerBuffer answers, Lock writing, Action<int> answered)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly long _latency = (long)(latency.TotalSeconds * Stopwatch.Frequency);
    private readonly Queue<(long Due, int Stream)> _line = new();
    private bool _ended;

    /// <returns>How many wait now.</returns>
    public int Add(ReadOnlySpan<int> streams)
    {
        var due = Stopwatch.GetTimestamp() + _latency;
        lock (_line)
        {
            foreach (var stream in streams)
            {
                _line.Enqueue((due, stream));
            }
            return _line.Count;
        }
    }

    public void End()
    {
        lock (_line)
        {
            _ended = true;
            Monitor.Pulse(_line);
        }
    }

    /// <summary>Returns when the connection has ended.</summary>
    public void Run()
    {
        try
        {
            while (WaitTick())
            {
                lock (writing)
                {
                    var due = TakeDue();
                    answered(due);
                    answers.Flush();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client has gone; the reading thread sees it too and ends the connection.
        }
    }

    private bool WaitTick()
    {
        lock (_line)
        {
            if (!_ended)
            {
                Monitor.Wait(_line, Tick);
            }
            return !_ended;
        }
    }

    private int TakeDue()
    {
        var now = Stopwatch.GetTimestamp();
        var taken = 0;
        lock (_line)
        {
            for (; _line.TryPeek(out var next) && next.Due <= now; taken++)
            {
                answers.Answer(_line.Dequeue().Stream);
            }
        }
        return taken;
    }
}

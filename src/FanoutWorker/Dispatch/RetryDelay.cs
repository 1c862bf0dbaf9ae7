using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Dispatch;

/// <summary>How long what is left of a batch rests before its next attempt: exponential with full jitter over the wait queues, never less than an answer asked for.</summary>
internal static class RetryDelay
{
    private static readonly TimeSpan Base = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Cap = TimeSpan.FromMinutes(10);

    /// <param name="attempt">The attempt that has just ended, from 0.</param>
    /// <param name="retryAfter">The longest wait that an answer asked for; zero when none did.</param>
    /// <param name="left">Time to the deadline: a wait beyond it would only be an expiry that comes late.</param>
    /// <param name="jitter">0 to 1.</param>
    public static WaitTier After(int attempt, TimeSpan retryAfter, TimeSpan left, double jitter)
    {
        var ceiling = TimeSpan.FromTicks(Math.Min(Cap.Ticks, Base.Ticks << Math.Min(attempt, 12)));
        var wait = ceiling * jitter;
        var tier = retryAfter > wait ? WaitTier.AtLeast(retryAfter) : WaitTier.NotLongerThan(wait);
        return left > TimeSpan.Zero && left < tier.Delay ? WaitTier.AtLeast(left) : tier;
    }
}

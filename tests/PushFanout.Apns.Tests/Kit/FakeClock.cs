namespace PushFanout.Apns.Tests.Kit;

/// <summary>A clock whose two hands move apart on demand: time passes for both, a step moves only the wall clock.</summary>
/// <param name="start">Null: some day. A simulator's certificates need the present.</param>
internal sealed class FakeClock(DateTimeOffset? start = null) : TimeProvider
{
    private DateTimeOffset wall = start ?? new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private long monotonic = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => wall;

    public override long GetTimestamp() => monotonic;

    /// <summary>Who looks at the time again and again goes on to; a deadline set once does not come by itself, however long the machine takes.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, period == Timeout.InfiniteTimeSpan ? period : dueTime, period);

    public void Pass(TimeSpan time)
    {
        wall += time;
        monotonic += time.Ticks;
    }

    public void StepWall(TimeSpan step) => wall += step;
}

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>A clock that stands still until it is moved by hand. Timers run in real time.</summary>
internal sealed class SettableClock : TimeProvider
{
    private readonly DateTimeOffset start = System.GetUtcNow();
    private long moved;

    public void Move(TimeSpan by) => Interlocked.Add(ref moved, by.Ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp());

    public override long GetTimestamp() => Interlocked.Read(ref moved);
}

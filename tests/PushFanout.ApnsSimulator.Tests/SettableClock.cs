namespace PushFanout.ApnsSimulator.Tests;

/// <summary>The real clock, moved by hand.</summary>
internal sealed class SettableClock : TimeProvider
{
    private long offset;

    public void Move(TimeSpan by) => Interlocked.Add(ref offset, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offset));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(new TimeSpan(Interlocked.Read(ref offset)).TotalSeconds * TimestampFrequency);
}

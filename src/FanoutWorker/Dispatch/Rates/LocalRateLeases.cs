namespace PushFanout.Worker.Dispatch;

/// <summary>The rates of a process that is alone: the in-memory transport has no second worker.</summary>
internal sealed class LocalRateLeases(TimeProvider clock) : IRateLeases
{
    private readonly long _origin = clock.GetTimestamp();

    public int Workers => 1;

    public ValueTask<RateLease> LeaseAsync(SharedRate rate, int permits) =>
        ValueTask.FromResult(rate.Local.Book(clock.GetElapsedTime(_origin), permits, rate.PerSecond));
}

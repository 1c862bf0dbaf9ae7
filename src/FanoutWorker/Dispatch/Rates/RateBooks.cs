namespace PushFanout.Worker.Dispatch;

/// <summary>The books of one rate in this process: until when it is given away. The same arithmetic as <c>lease.lua</c>.</summary>
internal sealed class RateBooks
{
    private readonly Lock _gate = new();
    private TimeSpan _bookedUntil = TimeSpan.MinValue;

    /// <param name="now">On any clock that only goes forward.</param>
    public RateLease Book(TimeSpan now, int permits, double perSecond)
    {
        lock (_gate)
        {
            var earliest = now - IRateLeases.Lateness;
            var from = _bookedUntil > earliest ? _bookedUntil : earliest;
            var wait = from > now ? from - now : TimeSpan.Zero;
            if (wait > IRateLeases.Horizon)
            {
                return new RateLease(0, wait);
            }
            _bookedUntil = from + TimeSpan.FromSeconds(permits / perSecond);
            return new RateLease(permits, wait);
        }
    }
}

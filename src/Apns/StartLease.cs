namespace PushFanout.Apns;

/// <summary>
/// Until when pushes of a call may start, granted a little at a time by a caller who has to ask somebody first. Pushes that find it
/// over wait for the next grant. So a process that was frozen, and in the meantime was told to stop, writes nothing from before when it wakes: on the
/// machine's clock the time is over, and nobody can grant more before having asked.
/// </summary>
/// <param name="clock">The one that the <see cref="ApnsClient"/> goes by; null means the machine's.</param>
public sealed class StartLease(TimeProvider? clock = null)
{
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private long until = long.MinValue; // nothing may start before the first grant

    /// <summary>Whether nothing may start now.</summary>
    public bool IsOver => clock.GetTimestamp() >= Volatile.Read(ref until);

    /// <summary>Lets pushes start for this long; never shortens what was granted before.</summary>
    /// <param name="from">A timestamp of the clock, from before the question was asked whose answer permits it.</param>
    /// <param name="time">How old that answer may become.</param>
    public void Grant(long from, TimeSpan time)
    {
        var granted = from + (long)(time.TotalSeconds * clock.TimestampFrequency);
        for (var seen = Volatile.Read(ref until); seen < granted;)
        {
            var before = Interlocked.CompareExchange(ref until, granted, seen);
            if (before == seen)
            {
                return;
            }
            seen = before;
        }
    }
}

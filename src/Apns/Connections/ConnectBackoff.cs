namespace PushFanout.Apns.Connections;

/// <summary>
/// When the next connection may be opened. Attempts that led to nothing wait 1–60 s, doubling, with jitter; good ones are still a
/// moment apart, because APNs takes rapid connecting for an attack.
/// </summary>
internal sealed class ConnectBackoff(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(100);

    private int failures;
    private long since;
    private TimeSpan wait;

    public bool MayConnect => clock.GetElapsedTime(since) >= wait;

    /// <summary>A connection is up; whether it is any good is not known yet.</summary>
    public void Opened() => Wait(Stagger + (Stagger * (2 * Random.Shared.NextDouble())));

    /// <summary>APNs answered a push on a connection.</summary>
    public void Useful() => failures = 0;

    /// <summary>No connection, or one that ended before APNs answered anything on it.</summary>
    public void Failed()
    {
        var pause = First * Math.Pow(2, Math.Min(failures++, 6));
        pause *= 1 + (0.5 * Random.Shared.NextDouble());
        Wait(pause < Longest ? pause : Longest);
    }

    private void Wait(TimeSpan pause)
    {
        since = clock.GetTimestamp();
        wait = pause;
    }
}

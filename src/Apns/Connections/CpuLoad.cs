namespace PushFanout.Apns.Connections;

/// <summary>Whether this process has processor time left: when it has none, another connection makes nothing faster.</summary>
internal sealed class CpuLoad(TimeProvider clock)
{
    private const double Full = 0.85;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TooLongAgo = TimeSpan.FromSeconds(1);

    private long since = clock.GetTimestamp();
    private TimeSpan usedBefore = Environment.CpuUsage.TotalTime;

    public bool IsFull
    {
        get
        {
            var elapsed = clock.GetElapsedTime(since);
            if (elapsed >= Window)
            {
                var used = Environment.CpuUsage.TotalTime;
                // An average over a long idle time says nothing about now: full until there is a fresh one.
                field = elapsed > TooLongAgo || used - usedBefore > Full * Environment.ProcessorCount * elapsed;
                usedBefore = used;
                since = clock.GetTimestamp();
            }
            return field;
        }
    }
}

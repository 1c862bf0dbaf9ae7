using System.Collections.Concurrent;

namespace PushFanout.ApnsSimulator;

/// <summary>The connections that are open now, and how fast new ones came.</summary>
internal sealed class PushConnections(TimeProvider time, LintFindings findings)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<PushConnection, bool> open = new();
    private readonly Lock gate = new();
    private long total;
    private long minuteStart;
    private int inMinute;

    public int Open => open.Count;

    /// <summary>In place of what the rules say; null for nothing.</summary>
    public int? StreamLimit { get; private set; }

    public bool PingsAnswered { get; private set; } = true;

    public long Total => Interlocked.Read(ref total);

    /// <param name="mostInOneMinute">Of connections; 0 for any number.</param>
    /// <returns>False when there were too many.</returns>
    public bool TryAdd(PushConnection connection, int mostInOneMinute)
    {
        open[connection] = true;
        Interlocked.Increment(ref total);
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (inMinute == 0 || time.GetElapsedTime(minuteStart, now) >= Minute)
            {
                (minuteStart, inMinute) = (now, 0);
            }
            findings.Peak(Finding.ConnectionsInOneMinute, ++inMinute);
            if (mostInOneMinute > 0 && inMinute > mostInOneMinute)
            {
                findings.Count(Finding.TooManyConnections);
                return false;
            }
        }
        return true;
    }

    public void Remove(PushConnection connection) => open.TryRemove(connection, out _);

    public void DropAll() => ForEach(connection => connection.Drop());

    public void FreezeAll() => ForEach(connection => connection.Freeze());

    public void ThawAll() => ForEach(connection => connection.Thaw());

    public void SendGoAwayToAll(GoAwayFrame frame) => ForEach(connection => connection.SendGoAway(frame));

    /// <summary>Gives every open connection, and those to come, a stream limit; null goes back to what the rules say.</summary>
    public void LimitStreams(int? limit)
    {
        StreamLimit = limit;
        ForEach(connection => connection.LimitStreams(limit));
    }

    /// <summary>Lets the PINGs of open connections, and of those to come, be answered or not.</summary>
    public void AnswerPings(bool answered)
    {
        PingsAnswered = answered;
        ForEach(connection => connection.AnswerPings(answered));
    }

    public void FloodAll(FloodFrame frame, int count) => ForEach(connection => connection.Flood(frame, count));

    private void ForEach(Action<PushConnection> action)
    {
        foreach (var (connection, _) in open)
        {
            action(connection);
        }
    }
}

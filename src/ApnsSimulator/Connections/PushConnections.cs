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

    public long Total => Interlocked.Read(ref total);

    public void Add(PushConnection connection)
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
        }
    }

    public void Remove(PushConnection connection) => open.TryRemove(connection, out _);

    public void DropAll() => ForEach(connection => connection.Drop());

    public void FreezeAll() => ForEach(connection => connection.Freeze());

    public void ThawAll() => ForEach(connection => connection.Thaw());

    public void SendGoAwayToAll() => ForEach(connection => connection.SendGoAway());

    private void ForEach(Action<PushConnection> action)
    {
        foreach (var (connection, _) in open)
        {
            action(connection);
        }
    }
}

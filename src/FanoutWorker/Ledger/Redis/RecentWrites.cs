using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>A call of a script that may be repeated: it merges, so a second time changes nothing.</summary>
internal sealed record RepeatableWrite(RedisScript Script, RedisKey[] Keys, RedisValue[] Arguments)
{
    /// <summary>About how much memory it keeps.</summary>
    public long Bytes { get; } = 200 + Arguments.Sum(argument => argument.IsNull ? 0L : ((byte[])argument!).Length);

    public override string ToString() => Script.Name;
}

/// <summary>
/// What this worker wrote to the ledger in its last seconds, in order: a Redis that is back from a crash or took over may have
/// forgotten it. Bounded in number and bytes; what is beyond is dropped, oldest first.
/// </summary>
internal sealed class RecentWrites(TimeProvider clock)
{
    private const int MaxWrites = 20_000;
    private const long MaxBytes = 32 << 20;

    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    /// <summary>A silence counts for no more than this, so that an outage does not age what was written just before it.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<(TimeSpan At, RepeatableWrite Write)> _writes = new();
    private long _bytes;
    private long _last;
    private TimeSpan _now;

    public void Add(RepeatableWrite write)
    {
        lock (_lock)
        {
            var step = clock.GetElapsedTime(_last);
            _now += step < LongestStep ? step : LongestStep;
            _last = clock.GetTimestamp();
            _writes.Enqueue((_now, write));
            _bytes += write.Bytes;
            while (_writes.Count > MaxWrites || _bytes > MaxBytes || _now - _writes.Peek().At > Kept)
            {
                _bytes -= _writes.Dequeue().Write.Bytes;
            }
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<RepeatableWrite> ToList()
    {
        lock (_lock)
        {
            return [.. _writes.Select(entry => entry.Write)];
        }
    }
}

namespace PushFanout.TokenCache.InMemory;

/// <summary>When something was removed, remembered for <see cref="DeviceLimits.TombstoneAge"/>. Moments are milliseconds.</summary>
internal sealed class Tombstones<TKey>(IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private const int FewestBeforeSweep = 1_024;
    private readonly Dictionary<TKey, long> _removedAt = new(comparer);
    private int _sweepAt = FewestBeforeSweep;

    /// <summary>Keeps the later of the moments known.</summary>
    public void Add(TKey key, long at, long now)
    {
        var oldest = now - (long)DeviceLimits.TombstoneAge.TotalMilliseconds;
        if (at > oldest && (!_removedAt.TryGetValue(key, out var known) || known < at))
        {
            _removedAt[key] = at;
        }
        if (_removedAt.Count >= _sweepAt)
        {
            foreach (var (old, _) in _removedAt.Where(stone => stone.Value <= oldest).ToList())
            {
                _removedAt.Remove(old);
            }
            _sweepAt = Math.Max(FewestBeforeSweep, 2 * _removedAt.Count);
        }
    }

    /// <summary>Whether it was removed at the given moment or later; a removal wins over what happened at the same moment.</summary>
    public bool Covers(TKey key, long at) => _removedAt.TryGetValue(key, out var removedAt) && at <= removedAt;

    public void Remove(TKey key) => _removedAt.Remove(key);
}

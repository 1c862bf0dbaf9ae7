namespace PushFanout.TokenCache.Redis;

/// <summary>Many calls at once, but not all: enough to keep Redis busy, few enough to bound what waits in memory.</summary>
internal static class Pipelined
{
    public const int Depth = 32;

    /// <summary>Entries per script call: long enough to spread its cost, short enough not to hold up other callers of Redis.</summary>
    public const int EntriesPerCall = 256;

    public static Task ForEachAsync<T>(IEnumerable<T> items, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken, int depth = Depth) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = depth, CancellationToken = cancellationToken },
            (item, stop) => new ValueTask(action(item, stop)));

    /// <summary>Items of one shard each, at most <see cref="EntriesPerCall"/> together, in their order.</summary>
    public static IEnumerable<(int Shard, T[] Items)> ByShard<T>(IEnumerable<T> items, Func<T, int> shardOf) =>
        items.GroupBy(shardOf).SelectMany(shard => shard.Chunk(EntriesPerCall).Select(chunk => (shard.Key, chunk)));
}

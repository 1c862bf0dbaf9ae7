using System.Collections;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// In which shards an audience may have members. A bit is set before the first member comes and never cleared, so a reader
/// that looks only where bits are set misses nobody.
/// </summary>
internal sealed class AudienceShards(RedisConnection connection, AppKeys keys)
{
    /// <summary>Sets the bits that are not set yet.</summary>
    public Task MarkAsync(IReadOnlyDictionary<string, BitArray> audiences, CancellationToken cancellationToken) =>
        Pipelined.ForEachAsync(audiences, async (audience, stop) =>
        {
            var missing = (await ReadAsync(audience.Key, stop).ConfigureAwait(false)).Not().And(audience.Value);
            var shards = Enumerable.Range(0, keys.Shards).Where(shard => missing[shard]).ToArray();
            if (shards.Length > 0)
            {
                await connection.ExecuteAsync("SETBIT", database => Task.WhenAll(
                    shards.Select(shard => database.StringSetBitAsync(keys.AudienceShards(audience.Key), shard, true))), stop).ConfigureAwait(false);
            }
        }, cancellationToken);

    public async Task<BitArray> ReadAsync(string audience, CancellationToken cancellationToken)
    {
        byte[]? bytes = await connection.ExecuteAsync(
            "GET", database => database.StringGetAsync(keys.AudienceShards(audience)), cancellationToken).ConfigureAwait(false);
        var bits = new BitArray(keys.Shards);
        for (var shard = 0; bytes is not null && shard < Math.Min(keys.Shards, bytes.Length * 8); shard++)
        {
            bits[shard] = (bytes[shard / 8] & (0x80 >> (shard % 8))) != 0;
        }
        return bits;
    }

    /// <summary>The shards in which the stored audiences of the expression may have members in common.</summary>
    public async Task<BitArray> FindAsync(AudienceExpression audience, CancellationToken cancellationToken)
    {
        var any = await Task.WhenAll(audience.AnyOf.Select(name => ReadAsync(name, cancellationToken))).ConfigureAwait(false);
        var all = await FindCommonAsync(audience.AllOf, cancellationToken).ConfigureAwait(false);
        return any.Length == 0 ? all : all.And(any.Aggregate((a, b) => a.Or(b)));
    }

    /// <summary>The shards in which all of these audiences may have members; every shard when none is named.</summary>
    public async Task<BitArray> FindCommonAsync(IEnumerable<string> audiences, CancellationToken cancellationToken)
    {
        var all = await Task.WhenAll(audiences.Select(name => ReadAsync(name, cancellationToken))).ConfigureAwait(false);
        return all.Aggregate(new BitArray(keys.Shards, true), (a, b) => a.And(b));
    }

    /// <summary>Notes that audiences have had a member.</summary>
    public Task NoteNamesAsync(IReadOnlyCollection<string> audiences, CancellationToken cancellationToken) => audiences.Count == 0
        ? Task.CompletedTask
        : connection.ExecuteAsync("SADD", database =>
            database.SetAddAsync(keys.AudienceNames, [.. audiences.Select(name => (RedisValue)name)]), cancellationToken);
}

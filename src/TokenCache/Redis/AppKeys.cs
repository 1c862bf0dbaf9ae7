using System.Text;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// The keys of one app. What belongs to a shard carries the tag <c>{app:shard}</c>, so that one script reaches all of it on
/// one node of a cluster; what belongs to the whole app carries <c>{app}</c>.
/// </summary>
internal sealed class AppKeys
{
    private readonly string _app;
    private readonly string[] _shards;

    public AppKeys(string prefix, string app, int shards)
    {
        if (app.Length == 0 || app.AsSpan().ContainsAny("{}:"))
        {
            throw new ArgumentException("An app's name is not empty and has no braces and colons.", nameof(app));
        }
        _app = $"{prefix}:{{{app}}}:";
        _shards = [.. Enumerable.Range(0, shards).Select(shard => $"{prefix}:{{{app}:{shard}}}:")];
    }

    public int Shards => _shards.Length;

    /// <summary>Hash: what the app was opened with.</summary>
    public RedisKey App => _app + "app";

    /// <summary>Set: names of audiences that have had a member.</summary>
    public RedisKey AudienceNames => _app + "audiences";

    /// <summary>Bitmap: shards in which the audience may have members.</summary>
    public RedisKey AudienceShards(string name) => $"{_app}aud:{name}:shards";

    /// <summary>Set: tokens of the audience in the shard.</summary>
    public RedisKey Audience(int shard, string name) => $"{_shards[shard]}aud:{name}";

    /// <summary>Hash: token → record; the authority.</summary>
    public RedisKey Devices(int shard) => _shards[shard] + "dev";

    /// <summary>Sorted set: removed tokens and when.</summary>
    public RedisKey Gone(int shard) => _shards[shard] + "gone";

    /// <summary>Hash: device id → when it got its token, and the token.</summary>
    public RedisKey Ids(int shard) => _shards[shard] + "ids";

    /// <summary>Sorted set: removed users and device ids, and when.</summary>
    public RedisKey GoneOwners(int shard) => _shards[shard] + "gone-owners";

    /// <summary>Set: tokens the user may have.</summary>
    public RedisKey User(string userId) => _shards[ShardOf(userId)] + "user:" + userId;

    public int ShardOf(ReadOnlySpan<byte> token) => TokenHash.Shard(token, Shards);

    /// <summary>Where a user or device id is kept.</summary>
    public int ShardOf(string id) => TokenHash.Shard(Encoding.UTF8.GetBytes(id), Shards);
}

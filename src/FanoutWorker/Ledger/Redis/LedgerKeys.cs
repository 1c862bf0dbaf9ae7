using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>The keys of one notification; the tag in braces keeps them on one node of a cluster.</summary>
internal readonly struct LedgerKeys(string prefix, Guid id)
{
    private readonly string _base = $"{prefix}:{{n:{id:D}}}:";

    public RedisKey Record => _base + "m";

    public RedisKey Ranges => _base + "rm";

    public RedisKey Claims => _base + "b";

    public RedisKey Outcomes(int range) => $"{_base}r:{range}";

    public RedisKey Receipts(int range) => $"{_base}h:{range}";

    public RedisKey Snapshot(int range) => $"{_base}x:{range}";

    /// <summary>The three that every script gets, then those it needs of single ranges.</summary>
    public RedisKey[] With(params ReadOnlySpan<RedisKey> more) => [Record, Ranges, Claims, .. more];
}

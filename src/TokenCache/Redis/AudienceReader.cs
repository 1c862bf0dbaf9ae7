using System.Buffers;
using System.Collections.Concurrent;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>Reads audiences shard by shard, only where members can be; the algebra runs inside Redis.</summary>
internal sealed class AudienceReader(RedisConnection connection, AppKeys keys, AudienceShards shards)
{
    private const int SampledShards = 16;

    /// <summary>Whole sets are long answers, and whoever asks for one device waits behind those that are asked for already: one under way and one behind it.</summary>
    private const int LongAnswersAtOnce = 2;

    public async Task<PackedTokens> ReadAsync(AudienceExpression audience, int firstShard, int endShard, CancellationToken cancellationToken)
    {
        var parts = new ConcurrentBag<byte[]>();
        await (AsOneCommand(audience) is { } command
            ? CombineAsync(command, audience, firstShard, endShard, parts, cancellationToken)
            : EvaluateAsync("read", LongAnswersAtOnce, audience, firstShard, endShard, answer => parts.Add((byte[])answer!), cancellationToken)).ConfigureAwait(false);
        var packed = new byte[parts.Sum(part => part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(packed, at);
            at += part.Length;
        }
        return PackedTokens.TryRead(packed, out var tokens)
            ? tokens
            : throw new TokenCacheUnavailableException("Redis holds members of an audience that are not tokens.");
    }

    public async Task<long> CountAsync(AudienceExpression audience, CancellationToken cancellationToken)
    {
        long count = 0;
        await EvaluateAsync("count", Pipelined.Depth, audience, 0, keys.Shards, answer => Interlocked.Add(ref count, (long)answer), cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async Task<AudienceEstimate> EstimateAsync(AudienceExpression audience, CancellationToken cancellationToken)
    {
        var given = await ResolveGivenAsync(audience, cancellationToken).ConfigureAwait(false);
        var givenShards = given.Select(token => token.Shard).ToHashSet();
        if (!audience.ReadsAudiences)
        {
            return new AudienceEstimate(given.Count, givenShards.Count, Exact: audience is { Users.Count: 0, AllOf.Count: 0, NoneOf.Count: 0 });
        }
        var bits = await shards.FindAsync(audience, cancellationToken).ConfigureAwait(false);
        var candidates = Enumerable.Range(0, keys.Shards).Where(shard => bits[shard]).ToArray();
        givenShards.UnionWith(candidates);
        var step = Math.Max(1, candidates.Length / SampledShards);
        var sampled = candidates.Where((_, i) => i % step == 0).ToArray();
        var joined = new long[audience.AnyOf.Count];
        var required = new long[audience.AllOf.Count];
        await Pipelined.ForEachAsync(sampled, async (shard, stop) =>
        {
            var sizes = await ReadSizesAsync(shard, [.. audience.AnyOf, .. audience.AllOf], stop).ConfigureAwait(false);
            for (var i = 0; i < sizes.Length; i++)
            {
                Interlocked.Add(ref i < joined.Length ? ref joined[i] : ref required[i - joined.Length], sizes[i]);
            }
        }, cancellationToken).ConfigureAwait(false);
        var inSample = required.Append(joined.Length > 0 ? joined.Sum() : long.MaxValue).Min();
        var scaled = sampled.Length == 0 ? 0 : (long)Math.Ceiling((double)inSample * candidates.Length / sampled.Length);
        var single = audience.AnyOf.Count + audience.AllOf.Count == 1 && audience.NoneOf.Count == 0 && given.Count == 0;
        return new AudienceEstimate(scaled + given.Count, givenShards.Count, Exact: single && sampled.Length == candidates.Length);
    }

    /// <summary>How many members the audiences have in one shard, in the order of their names.</summary>
    public async Task<long[]> ReadSizesAsync(int shard, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var answer = await connection.EvaluateAsync(
            TokenScripts.Sizes, [keys.Devices(shard)], [.. names.Select(name => (RedisValue)name)], cancellationToken).ConfigureAwait(false);
        return [.. ((RedisValue[])answer!).Select(size => (long)size)];
    }

    /// <summary>
    /// The one set command that means the whole expression, if there is one. It costs Redis a third of the script, whose
    /// single thread is what all workers share.
    /// </summary>
    private static SetOperation? AsOneCommand(AudienceExpression audience) => audience switch
    {
        { Users.Count: > 0 } or { Tokens.Count: > 0 } => null,
        { NoneOf.Count: > 0 } => audience.AnyOf.Count + audience.AllOf.Count == 1 ? SetOperation.Difference : null,
        { AllOf.Count: > 0 } => audience.AnyOf.Count <= 1 ? SetOperation.Intersect : null,
        _ => SetOperation.Union,
    };

    private async Task CombineAsync(
        SetOperation operation, AudienceExpression audience, int firstShard, int endShard, ConcurrentBag<byte[]> parts, CancellationToken cancellationToken)
    {
        var bits = await shards.FindAsync(audience, cancellationToken).ConfigureAwait(false);
        var names = audience.AnyOf.Concat(audience.AllOf).Concat(audience.NoneOf).ToArray();
        var candidates = Enumerable.Range(firstShard, endShard - firstShard).Where(shard => bits[shard]);
        await Pipelined.ForEachAsync(candidates, async (shard, stop) =>
        {
            RedisKey[] sets = [.. names.Select(name => keys.Audience(shard, name))];
            var members = sets.Length == 1
                ? await connection.ExecuteAsync("SMEMBERS", database => database.SetMembersAsync(sets[0]), stop).ConfigureAwait(false)
                : await connection.ExecuteAsync(CommandName(operation), database => database.SetCombineAsync(operation, sets), stop).ConfigureAwait(false);
            parts.Add(Pack(members));
        }, cancellationToken, LongAnswersAtOnce).ConfigureAwait(false);
    }

    private static string CommandName(SetOperation operation) => operation switch
    {
        SetOperation.Union => "SUNION",
        SetOperation.Intersect => "SINTER",
        _ => "SDIFF",
    };

    private static byte[] Pack(RedisValue[] members)
    {
        var packed = new PackedTokenWriter(members.Length);
        foreach (byte[]? member in members)
        {
            packed.Add(member);
        }
        return packed.Written.Bytes.ToArray();
    }

    private async Task EvaluateAsync(
        string mode, int atOnce, AudienceExpression audience, int firstShard, int endShard, Action<RedisResult> take, CancellationToken cancellationToken)
    {
        var given = (await ResolveGivenAsync(audience, cancellationToken).ConfigureAwait(false)).ToLookup(token => token.Shard);
        var bits = audience.ReadsAudiences ? await shards.FindAsync(audience, cancellationToken).ConfigureAwait(false) : null;
        RedisValue[] names = [.. audience.AnyOf.Concat(audience.AllOf).Concat(audience.NoneOf).Select(name => (RedisValue)name)];
        RedisValue[] head = [mode, bits is null ? "no" : "yes", audience.AnyOf.Count, audience.AllOf.Count, audience.NoneOf.Count, .. names];
        var candidates = Enumerable.Range(firstShard, endShard - firstShard).Where(shard => bits?[shard] == true || given.Contains(shard));
        await Pipelined.ForEachAsync(candidates, async (shard, stop) =>
        {
            RedisValue[] values = [.. head, .. given[shard].SelectMany(token => new RedisValue[] { token.Token.ToArray(), token.UserId })];
            take(await connection.EvaluateAsync(TokenScripts.Read, [keys.Devices(shard)], values, stop).ConfigureAwait(false));
        }, cancellationToken, atOnce).ConfigureAwait(false);
    }

    /// <summary>
    /// The tokens of the expression's users and its own, with the user that the record must name, or an empty one. None twice:
    /// a token that is given needs no user, and of two users at most one is on the record.
    /// </summary>
    private async Task<List<(int Shard, ReadOnlyMemory<byte> Token, string UserId)>> ResolveGivenAsync(
        AudienceExpression audience, CancellationToken cancellationToken)
    {
        var given = audience.Tokens.ToHashSet(TokenComparer.Instance);
        var hinted = new ConcurrentBag<(ReadOnlyMemory<byte> Token, string UserId)>();
        await Pipelined.ForEachAsync(audience.Users.Distinct(), async (user, stop) =>
        {
            var tokens = await connection.ExecuteAsync("SMEMBERS", database => database.SetMembersAsync(keys.User(user)), stop).ConfigureAwait(false);
            foreach (byte[]? token in tokens)
            {
                hinted.Add((token, user));
            }
        }, cancellationToken).ConfigureAwait(false);
        return
        [
            .. given.Select(token => (Token: token, UserId: "")).Concat(hinted.Where(hint => !given.Contains(hint.Token)))
                .Select(token => (keys.ShardOf(token.Token.Span), token.Token, token.UserId)),
        ];
    }
}

using System.Collections;
using System.Collections.Concurrent;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>The token cache in Redis 6.2 or later, alone or as a cluster. <c>README.md</c> lists its keys and rules.</summary>
public sealed class RedisTokenCache(RedisConnection connection) : ITokenCache
{
    private readonly ConcurrentDictionary<string, App> _apps = new();

    /// <inheritdoc/>
    /// <exception cref="UnsuitableRedisException">Redis may evict keys or is too old.</exception>
    public async Task OpenAppAsync(string app, int shards, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shards);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        var keys = new AppKeys(connection.KeyPrefix, app, shards);
        var stored = await connection.ExecuteAsync("HSETNX", async database =>
        {
            await database.HashSetAsync(keys.App, "shards", shards, When.NotExists).ConfigureAwait(false);
            return (int)await database.HashGetAsync(keys.App, "shards").ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        if (stored != shards)
        {
            throw new ShardCountMismatchException($"App '{app}' has {stored} shards in Redis and {shards} in the configuration. The number cannot be changed.");
        }
        _apps[app] = new App(connection, keys);
    }

    /// <summary>How many shards the app was opened with; null when it never was. Changes nothing.</summary>
    public async Task<int?> FindShardsAsync(string app, CancellationToken cancellationToken)
    {
        var key = new AppKeys(connection.KeyPrefix, app, shards: 0).App;
        return (int?)await connection.ExecuteAsync("HGET", database => database.HashGetAsync(key, "shards"), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<RegistrationResult> RegisterAsync(string app, DeviceRegistration device, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(device);
        return (await Opened(app).Writer.WriteAsync([device], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <inheritdoc/>
    public async Task<int> UnregisterAsync(string app, DeviceSelector device, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var remover = Opened(app).Remover;
        var moment = DeviceLimits.Milliseconds(at);
        if (device.Token is not { } token)
        {
            return await remover.RemoveOwnedAsync(device.UserId, device.DeviceId, moment, cancellationToken).ConfigureAwait(false);
        }
        DeviceLimits.CheckToken(token);
        return (await remover.RemoveAsync([new Removal(token, moment)], cancellationToken).ConfigureAwait(false)).Count;
    }

    /// <inheritdoc/>
    public async Task<AudienceChangeResult> ChangeAudienceAsync(string app, AudienceChange change, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(change);
        var opened = Opened(app);
        var added = await ResolveAsync(opened.Keys, "+", change.AddTokens, change.AddUsers, cancellationToken).ConfigureAwait(false);
        var removed = await ResolveAsync(opened.Keys, "-", change.RemoveTokens, change.RemoveUsers, cancellationToken).ConfigureAwait(false);
        var bits = new BitArray(opened.Keys.Shards);
        added.ForEach(member => bits[member.Shard] = true);
        await opened.Shards.MarkAsync(new Dictionary<string, BitArray> { [change.Audience] = bits }, cancellationToken).ConfigureAwait(false);
        int addedCount = 0, removedCount = 0, unknownCount = 0;
        await Pipelined.ForEachAsync(Pipelined.ByShard(added.Concat(removed), member => member.Shard), async (call, stop) =>
        {
            RedisValue[] values = [change.Audience, .. call.Items.SelectMany(member => new RedisValue[] { member.Sign, member.Token, member.UserId })];
            var counts = (RedisValue[]?)await connection.EvaluateAsync(
                TokenScripts.Change, [opened.Keys.Devices(call.Shard)], values, stop).ConfigureAwait(false);
            Interlocked.Add(ref addedCount, (int)counts![0]);
            Interlocked.Add(ref removedCount, (int)counts[1]);
            Interlocked.Add(ref unknownCount, (int)counts[2]);
        }, cancellationToken).ConfigureAwait(false);
        if (addedCount > 0)
        {
            await opened.Shards.NoteNamesAsync([change.Audience], cancellationToken).ConfigureAwait(false);
        }
        return new AudienceChangeResult(addedCount, removedCount, unknownCount);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RetiredDevice>> RetireAsync(string app, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken)
    {
        var dead = new Dictionary<ReadOnlyMemory<byte>, DeadToken>(TokenComparer.Instance);
        foreach (var token in tokens)
        {
            DeviceLimits.CheckToken(token.Token);
            if (!dead.TryGetValue(token.Token, out var known) || known.Since < token.Since)
            {
                dead[token.Token] = token;
            }
        }
        var removed = await Opened(app).Remover.RetireAsync(
            dead.Values.Select(token => new Removal(token.Token, DeviceLimits.Milliseconds(token.Since))), cancellationToken).ConfigureAwait(false);
        return
        [
            .. removed.Select(device => new RetiredDevice(device.Removal.Token, device.Record.UserId, device.Record.DeviceId,
                dead[device.Removal.Token].Reason, dead[device.Removal.Token].Since)),
        ];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindUnknownAudiencesAsync(
        string app, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var keys = Opened(app).Keys;
        var asked = names.Where(name => name != DeviceLimits.AllDevices).Distinct().ToArray();
        var known = await connection.ExecuteAsync("SISMEMBER", database => Task.WhenAll(
            asked.Select(name => database.SetContainsAsync(keys.AudienceNames, name))), cancellationToken).ConfigureAwait(false);
        return [.. asked.Where((_, i) => !known[i])];
    }

    /// <inheritdoc/>
    public Task<AudienceEstimate> EstimateAsync(string app, AudienceExpression audience, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        return Opened(app).Reader.EstimateAsync(audience, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> CountAsync(string app, AudienceExpression audience, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        return Opened(app).Reader.CountAsync(audience, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<PackedTokens> ReadAsync(string app, AudienceExpression audience, int firstShard, int endShard, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        var opened = Opened(app);
        ArgumentOutOfRangeException.ThrowIfNegative(firstShard);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(endShard, opened.Keys.Shards);
        ArgumentOutOfRangeException.ThrowIfLessThan(endShard, firstShard);
        return opened.Reader.ReadAsync(audience, firstShard, endShard, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(string app, DeviceSelector device, CancellationToken cancellationToken)
    {
        var keys = Opened(app).Keys;
        var tokens = device switch
        {
            { Token: { } token } => [token.ToArray()],
            { UserId: { } user } => await connection.ExecuteAsync(
                "SMEMBERS", database => database.SetMembersAsync(keys.User(user)), cancellationToken).ConfigureAwait(false),
            _ => await ReadIdAsync(keys, device.DeviceId!, cancellationToken).ConfigureAwait(false),
        };
        var found = new ConcurrentBag<DeviceRecord>();
        await Pipelined.ForEachAsync(tokens, async (value, stop) =>
        {
            byte[] token = value!;
            byte[]? record = await connection.ExecuteAsync(
                "HGET", database => database.HashGetAsync(keys.Devices(keys.ShardOf(token)), value), stop).ConfigureAwait(false);
            if (record is not null && DeviceValue.Read(record) is var read
                && (device.UserId is null || device.UserId == read.UserId) && (device.DeviceId is null || device.DeviceId == read.DeviceId))
            {
                found.Add(read.ToRecord(token));
            }
        }, cancellationToken).ConfigureAwait(false);
        return [.. found];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeviceRegistration>> ReadDevicesAsync(string app, int shard, CancellationToken cancellationToken)
    {
        var keys = Opened(app).Keys;
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, keys.Shards);
        var records = await connection.ExecuteAsync("HGETALL", database => database.HashGetAllAsync(keys.Devices(shard)), cancellationToken).ConfigureAwait(false);
        return [.. records.Select(record => DeviceValue.Read((byte[])record.Value!).ToRegistration((byte[])record.Name!))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(string app, CancellationToken cancellationToken)
    {
        var opened = Opened(app);
        var stored = await connection.ExecuteAsync(
            "SMEMBERS", database => database.SetMembersAsync(opened.Keys.AudienceNames), cancellationToken).ConfigureAwait(false);
        string[] names = [DeviceLimits.AllDevices, .. stored.Select(name => (string)name!).Order(StringComparer.Ordinal)];
        var totals = new long[names.Length];
        await Pipelined.ForEachAsync(Enumerable.Range(0, opened.Keys.Shards), async (shard, stop) =>
        {
            var sizes = await opened.Reader.ReadSizesAsync(shard, names, stop).ConfigureAwait(false);
            for (var i = 0; i < sizes.Length; i++)
            {
                Interlocked.Add(ref totals[i], sizes[i]);
            }
        }, cancellationToken).ConfigureAwait(false);
        return [.. names.Zip(totals, (name, total) => new AudienceCount(name, total))];
    }

    /// <inheritdoc/>
    public Task<ImportResult> ImportAsync(
        string app, IAsyncEnumerable<DeviceRegistration> devices, IProgress<long>? progress, CancellationToken cancellationToken) =>
        DeviceImport.RunAsync(devices, Opened(app).Writer.WriteAsync, progress, cancellationToken);

    private App Opened(string app) => _apps.TryGetValue(app, out var opened)
        ? opened
        : throw new TokenCacheUnavailableException($"App '{app}' has not been opened yet.");

    private async Task<RedisValue[]> ReadIdAsync(AppKeys keys, string deviceId, CancellationToken cancellationToken)
    {
        byte[]? entry = await connection.ExecuteAsync(
            "HGET", database => database.HashGetAsync(keys.Ids(keys.ShardOf(deviceId)), deviceId), cancellationToken).ConfigureAwait(false);
        return entry is null ? [] : [entry[6..]]; // behind the moment it was claimed
    }

    private async Task<List<(int Shard, string Sign, byte[] Token, string UserId)>> ResolveAsync(
        AppKeys keys, string sign, IReadOnlyList<ReadOnlyMemory<byte>> tokens, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        var members = new ConcurrentBag<(int Shard, string Sign, byte[] Token, string UserId)>();
        foreach (var token in tokens.Distinct(TokenComparer.Instance))
        {
            members.Add((keys.ShardOf(token.Span), sign, token.ToArray(), ""));
        }
        await Pipelined.ForEachAsync(users.Distinct(), async (user, stop) =>
        {
            var known = await connection.ExecuteAsync("SMEMBERS", database => database.SetMembersAsync(keys.User(user)), stop).ConfigureAwait(false);
            foreach (var token in known)
            {
                members.Add((keys.ShardOf((byte[])token!), sign, (byte[])token!, user));
            }
        }, cancellationToken).ConfigureAwait(false);
        return [.. members];
    }

    private sealed class App
    {
        public App(RedisConnection connection, AppKeys keys)
        {
            Keys = keys;
            Shards = new AudienceShards(connection, keys);
            Remover = new DeviceRemover(connection, keys);
            Reader = new AudienceReader(connection, keys, Shards);
            Writer = new DeviceWriter(connection, keys, Shards, Remover);
        }

        public AppKeys Keys { get; }
        public AudienceShards Shards { get; }
        public DeviceRemover Remover { get; }
        public AudienceReader Reader { get; }
        public DeviceWriter Writer { get; }
    }
}

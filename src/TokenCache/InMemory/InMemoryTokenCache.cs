namespace PushFanout.TokenCache.InMemory;

/// <summary>The token cache in the memory of one process, for the demo and for tests: the same rules, nothing survives a restart.</summary>
public sealed class InMemoryTokenCache(TimeProvider clock) : ITokenCache
{
    private readonly Dictionary<string, InMemoryApp> _apps = [];
    private readonly Lock _gate = new();

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public Task OpenAppAsync(string app, int shards, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shards);
        lock (_gate)
        {
            if (!_apps.TryGetValue(app, out var opened))
            {
                _apps[app] = new InMemoryApp(shards);
            }
            else if (opened.Shards != shards)
            {
                throw new ShardCountMismatchException($"App '{app}' has {opened.Shards} shards, not {shards}. The number cannot be changed.");
            }
            return Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public Task<RegistrationResult> RegisterAsync(string app, DeviceRegistration device, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(device);
        return With(app, opened => opened.Register(device, Now));
    }

    /// <inheritdoc/>
    public Task<int> UnregisterAsync(string app, DeviceSelector device, DateTimeOffset at, CancellationToken cancellationToken) => With(app, opened =>
    {
        var now = Now;
        var moment = InMemoryApp.Clamp(DeviceLimits.Milliseconds(at), now);
        if (device.Token is { } token)
        {
            DeviceLimits.CheckToken(token);
            return opened.Remove(token, moment, now, known => known.At > moment) is null ? 0 : 1;
        }
        return device.UserId is { } user ? opened.RemoveUser(user, moment, now) : opened.RemoveDeviceId(device.DeviceId!, moment, now);
    });

    /// <inheritdoc/>
    public Task<AudienceChangeResult> ChangeAudienceAsync(string app, AudienceChange change, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(change);
        return With(app, opened =>
        {
            var now = Now;
            var toAdd = change.AddTokens.Distinct(TokenComparer.Instance).ToList();
            var added = toAdd.Select(opened.Find).Concat(change.AddUsers.SelectMany(opened.OfUser)).OfType<InMemoryApp.Device>().ToList()
                .Count(device => opened.Join(opened.Find(device.Token)!, change.Audience, now));
            var removed = change.RemoveTokens.Select(opened.Find).Concat(change.RemoveUsers.SelectMany(opened.OfUser)).OfType<InMemoryApp.Device>().ToList()
                .Count(device => opened.Leave(opened.Find(device.Token)!, change.Audience, now));
            return new AudienceChangeResult(added, removed, toAdd.Count(token => opened.Find(token) is null));
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RetiredDevice>> RetireAsync(string app, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken) =>
        With<IReadOnlyList<RetiredDevice>>(app, opened =>
        {
            var now = Now;
            var retired = new List<RetiredDevice>();
            foreach (var token in tokens)
            {
                DeviceLimits.CheckToken(token.Token);
                var since = InMemoryApp.Clamp(DeviceLimits.Milliseconds(token.Since), now);
                if (opened.Remove(token.Token, since, now, device => device.RegisteredAt > since) is { } device)
                {
                    retired.Add(new RetiredDevice(device.Token, device.UserId, device.DeviceId, token.Reason, token.Since));
                }
            }
            return retired;
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindUnknownAudiencesAsync(
        string app, IReadOnlyCollection<string> names, CancellationToken cancellationToken) =>
        With<IReadOnlyList<string>>(app, opened =>
            [.. names.Where(name => name != DeviceLimits.AllDevices).Distinct().Except(opened.AudienceNames)]);

    /// <inheritdoc/>
    public Task<AudienceEstimate> EstimateAsync(string app, AudienceExpression audience, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        return With(app, opened =>
        {
            var perShard = Enumerable.Range(0, opened.Shards).Select(shard => (long)Meant(opened, audience, shard, shard + 1).Count()).ToList();
            return new AudienceEstimate(perShard.Sum(), perShard.Count(tokens => tokens > 0), Exact: true);
        });
    }

    /// <inheritdoc/>
    public Task<long> CountAsync(string app, AudienceExpression audience, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        return With(app, opened => (long)Meant(opened, audience, 0, opened.Shards).Count());
    }

    /// <inheritdoc/>
    public Task<PackedTokens> ReadAsync(string app, AudienceExpression audience, int firstShard, int endShard, CancellationToken cancellationToken)
    {
        DeviceLimits.Check(audience);
        return With(app, opened =>
        {
            ArgumentOutOfRangeException.ThrowIfNegative(firstShard);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(endShard, opened.Shards);
            ArgumentOutOfRangeException.ThrowIfLessThan(endShard, firstShard);
            var packed = new PackedTokenWriter();
            foreach (var token in Meant(opened, audience, firstShard, endShard))
            {
                packed.Add(token.Span);
            }
            return packed.Written;
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(string app, DeviceSelector device, CancellationToken cancellationToken) =>
        With<IReadOnlyList<DeviceRecord>>(app, opened => [.. Select(opened, device).Select(found => found.ToRecord())]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeviceRegistration>> ReadDevicesAsync(string app, int shard, CancellationToken cancellationToken) =>
        With<IReadOnlyList<DeviceRegistration>>(app, opened =>
        {
            ArgumentOutOfRangeException.ThrowIfNegative(shard);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, opened.Shards);
            return [.. opened.InShard(shard).Select(device => device.ToRegistration())];
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(string app, CancellationToken cancellationToken) =>
        With<IReadOnlyList<AudienceCount>>(app, opened =>
        {
            var counts = opened.AudienceNames.ToDictionary(name => name, _ => 0L);
            var total = 0L;
            foreach (var device in Enumerable.Range(0, opened.Shards).SelectMany(opened.InShard))
            {
                total++;
                foreach (var name in device.Audiences)
                {
                    counts[name]++;
                }
            }
            return [new AudienceCount(DeviceLimits.AllDevices, total), .. opened.AudienceNames.Select(name => new AudienceCount(name, counts[name]))];
        });

    /// <inheritdoc/>
    public Task<ImportResult> ImportAsync(
        string app, IAsyncEnumerable<DeviceRegistration> devices, IProgress<long>? progress, CancellationToken cancellationToken) =>
        DeviceImport.RunAsync(
            devices, (piece, _) => With(app, opened => piece.Select(device => opened.Register(device, Now)).ToArray()), progress, cancellationToken);

    /// <summary>Every call is over before the next begins.</summary>
    private Task<T> With<T>(string app, Func<InMemoryApp, T> call)
    {
        lock (_gate)
        {
            return _apps.TryGetValue(app, out var opened)
                ? Task.FromResult(call(opened))
                : throw new TokenCacheUnavailableException($"App '{app}' has not been opened yet.");
        }
    }

    private static List<InMemoryApp.Device> Select(InMemoryApp app, DeviceSelector device) => device switch
    {
        { Token: { } token } => app.Find(token) is { } found ? [found] : [],
        { UserId: { } user } => [.. app.OfUser(user)],
        _ => app.OfDeviceId(device.DeviceId!) is { } found ? [found] : [],
    };

    private static IEnumerable<ReadOnlyMemory<byte>> Meant(InMemoryApp app, AudienceExpression audience, int firstShard, int endShard)
    {
        var given = audience.Tokens.ToHashSet(TokenComparer.Instance);
        given.UnionWith(audience.Users.SelectMany(app.OfUser).Select(device => device.Token));
        foreach (var token in given)
        {
            if (TokenHash.Shard(token.Span, app.Shards) is var shard && shard >= firstShard && shard < endShard && IsAllowed(app.Find(token)))
            {
                yield return token;
            }
        }
        if (!audience.ReadsAudiences)
        {
            yield break;
        }
        foreach (var device in Enumerable.Range(firstShard, endShard - firstShard).SelectMany(app.InShard))
        {
            if ((audience.AnyOf.Count == 0 || audience.AnyOf.Any(device.IsIn)) && IsAllowed(device) && !given.Contains(device.Token))
            {
                yield return device.Token;
            }
        }

        bool IsAllowed(InMemoryApp.Device? device) =>
            audience.AllOf.All(name => device?.IsIn(name) == true) && !audience.NoneOf.Any(name => device?.IsIn(name) == true);
    }
}

using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Cli;

/// <summary>The devices of one app in Redis.</summary>
internal sealed class RedisDevices : IDeviceStore
{
    private readonly RedisConnection _connection;
    private readonly string _app;

    private RedisDevices(RedisConnection connection, RedisTokenCache cache, string app, int shards)
    {
        (_connection, Cache, _app) = (connection, cache, app);
        Shards = shards;
    }

    public RedisTokenCache Cache { get; }

    /// <summary>How many pieces the token sets are cut into.</summary>
    public int Shards { get; }

    /// <summary>Opens an app that Redis holds.</summary>
    /// <param name="newShards">For one that it does not hold yet; null: that is a failure.</param>
    /// <exception cref="MissingException">Redis holds no such app.</exception>
    public static async Task<RedisDevices> OpenAsync(RedisConnectionOptions redis, string app, int? newShards, CancellationToken stop)
    {
        var connection = new RedisConnection(redis);
        try
        {
            var cache = new RedisTokenCache(connection);
            var shards = await cache.FindShardsAsync(app, stop) ?? newShards ?? throw new MissingException($"Redis holds no app '{app}'.");
            await cache.OpenAppAsync(app, shards, stop);
            return new RedisDevices(connection, cache, app, shards);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A name that nobody ever used is a slip of the pen, not an empty audience.</summary>
    /// <exception cref="MissingException">An audience of the expression has never had a device.</exception>
    public async Task RequireAsync(AudienceExpression? audience, CancellationToken stop)
    {
        string[] names = audience is null ? [] : [.. audience.AnyOf, .. audience.AllOf, .. audience.NoneOf];
        if (await Cache.FindUnknownAudiencesAsync(_app, names, stop) is { Count: > 0 } unknown)
        {
            throw new MissingException($"{_app} has no audience {string.Join(", ", unknown)}.");
        }
    }

    public Task<RegistrationResult> AddAsync(DeviceRegistered device, CancellationToken stop) => Cache.RegisterAsync(
        _app, new DeviceRegistration(Convert.FromHexString(device.Token), device.At, device.DeviceId, device.UserId, device.Audiences), stop);

    public Task<int> RemoveAsync(DeviceUnregistered device, CancellationToken stop) => Cache.UnregisterAsync(
        _app,
        device.Token is { } token ? DeviceSelector.ByToken(Convert.FromHexString(token))
        : device.DeviceId is { } id ? DeviceSelector.ByDeviceId(id)
        : DeviceSelector.ByUser(device.UserId!),
        device.At, stop);

    public Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(CancellationToken stop) => Cache.ListAudiencesAsync(_app, stop);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}

/// <summary>What was asked for is not there; the message says what.</summary>
internal sealed class MissingException(string message) : Exception(message);

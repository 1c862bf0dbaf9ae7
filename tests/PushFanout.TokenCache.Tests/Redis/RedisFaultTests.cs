using System.Diagnostics;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;
using static PushFanout.TokenCache.Tests.TestDevices;

namespace PushFanout.TokenCache.Tests.Redis;

/// <summary>What goes wrong in Redis is never an empty audience.</summary>
public sealed class RedisFaultTests
{
    private const string App = "shop-ios";
    private const int Shards = 4;
    private static readonly TimeSpan Patience = Eventually.Patience;
    private static readonly AudienceExpression News = Audience("news");

    [Fact]
    public async Task A_key_of_another_type_is_unavailable_not_empty()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        var cache = await FillAsync(connection);
        foreach (var key in Enumerable.Range(0, Shards).Select(shard => $"pf:{{{App}:{shard}}}:aud:news"))
        {
            await redis.CommandAsync($"SET {key} text");
        }
        foreach (var expression in (AudienceExpression[])[News, Audience("news all"), Audience("all", noneOf: "news"), Audience("all", tokens: [Token(1)], allOf: "news")])
        {
            var refused = await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.ReadAsync(App, expression, 0, Shards, default));
            Assert.Contains("WRONGTYPE", refused.Message);
            await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.CountAsync(App, expression, default));
        }
    }

    [Fact]
    public async Task A_paused_redis_is_unavailable_within_the_deadline_and_read_as_soon_as_it_goes_on()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        await FillAsync(connection);
        await using var hasty = Connect(redis, timeout: TimeSpan.FromSeconds(1));
        var cache = new RedisTokenCache(hasty);
        await Eventually.TrueAsync(() => IsOpenedAsync(cache), Patience, "the app is opened");
        redis.Suspend();
        var startedAt = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.ReadAsync(App, News, 0, Shards, default).WaitAsync(Patience));
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.RegisterAsync(App, Device(1, TimeProvider.System.GetUtcNow()), default).WaitAsync(Patience));
        Assert.True(Stopwatch.GetElapsedTime(startedAt) > TimeSpan.FromSeconds(0.9), "nobody waited");
        redis.Resume();
        await Eventually.TrueAsync(async () => await CountAsync(cache) == 100, Patience, "the audience is read in full");
    }

    [Fact]
    public async Task A_killed_redis_that_comes_back_with_its_data_is_read_in_full()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        await using var connection = Connect(redis);
        var cache = await FillAsync(connection);
        await redis.KillAsync();
        Assert.Equal(-1, await CountAsync(cache).WaitAsync(Patience));
        await redis.RestartAsync();
        await Eventually.TrueAsync(async () => await CountAsync(cache) == 100, Patience, "the audience is read in full");
    }

    [Fact]
    public async Task A_redis_that_forgot_its_scripts_goes_on()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        var cache = await FillAsync(connection);
        await redis.CommandAsync("SCRIPT FLUSH");
        await cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(0)), TimeProvider.System.GetUtcNow(), default);
        Assert.Equal(99, (await cache.ReadAsync(App, Audience("news", tokens: [Token(1)]), 0, Shards, default)).Count);
    }

    [Fact]
    public async Task A_registration_that_was_cut_off_is_completed_when_it_comes_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        var cache = await FillAsync(connection);
        var old = Device(1000, TimeProvider.System.GetUtcNow().AddMinutes(-2), "ann", "phone", "news");
        var renewed = Device(1001, TimeProvider.System.GetUtcNow().AddMinutes(-1), "ann", "phone", "news");
        await cache.RegisterAsync(App, old, default);
        await cache.RegisterAsync(App, renewed, default);
        // As after a crash behind the record: what points to it is not written, what it replaces is still there.
        var keys = new AppKeys("pf", App, Shards);
        await cache.RegisterAsync(App, old with { At = renewed.At.AddSeconds(1), DeviceId = "unclaimed" }, default);
        await connection.ExecuteAsync("DEL", database => database.KeyDeleteAsync([keys.User("ann"), keys.Ids(keys.ShardOf("phone"))]), default);
        await cache.RegisterAsync(App, renewed, default);
        Assert.Contains(Convert.ToHexString(Token(1001)), Hex(await cache.ReadAsync(App, Audience(users: "ann"), 0, Shards, default)));
        Assert.Equal(Token(1001), Assert.Single(await cache.FindDevicesAsync(App, DeviceSelector.ByDeviceId("phone"), default)).Token.ToArray());
    }

    [Fact]
    public async Task Only_shards_that_may_hold_members_are_read()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        var cache = new RedisTokenCache(connection);
        await cache.OpenAppAsync("wide", 1024, default);
        var now = TimeProvider.System.GetUtcNow();
        await cache.ImportAsync("wide", Stream(Enumerable.Range(0, 5_000).Select(n => Device(n, now, audiences: n < 5 ? "few" : null))), null, default);
        await redis.CommandAsync("CONFIG RESETSTAT");
        Assert.Equal(Hex(0, 1, 2, 3, 4), Hex(await cache.ReadAsync("wide", Audience("few"), 0, 1024, default)));
        Assert.InRange(await CallsAsync(redis, "smembers"), 1, 5);
    }

    [Fact]
    public async Task No_exception_names_a_token_or_a_user()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis);
        var cache = await FillAsync(connection);
        var keys = new AppKeys("pf", App, Shards);
        await redis.CommandAsync($"SET {keys.User("canary")} text");
        var wrongType = await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.FindDevicesAsync(App, DeviceSelector.ByUser("canary"), default));
        await redis.KillAsync();
        var away = await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => cache.FindDevicesAsync(App, DeviceSelector.ByUser("canary"), default));
        Assert.DoesNotContain("canary", $"{wrongType}{away}");
    }

    private static RedisConnection Connect(RedisServer redis, TimeSpan? timeout = null) => new(new RedisConnectionOptions
    {
        Endpoints = redis.ConnectionString,
        Timeout = timeout ?? TimeSpan.FromSeconds(20),
        WatchInterval = TimeSpan.FromMilliseconds(200),
    });

    /// <summary>100 devices, all in <c>news</c>.</summary>
    private static async Task<RedisTokenCache> FillAsync(RedisConnection connection)
    {
        var cache = new RedisTokenCache(connection);
        await cache.OpenAppAsync(App, Shards, default);
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        await cache.ImportAsync(App, Stream(Enumerable.Range(0, 100).Select(n => Device(n, at, audiences: "news"))), null, default);
        return cache;
    }

    private static async Task<bool> IsOpenedAsync(RedisTokenCache cache)
    {
        try
        {
            await cache.OpenAppAsync(App, Shards, default);
            return true;
        }
        catch (TokenCacheUnavailableException)
        {
            return false;
        }
    }

    private static async Task<long> CountAsync(RedisTokenCache cache)
    {
        try
        {
            return (await cache.ReadAsync(App, News, 0, Shards, default)).Count;
        }
        catch (TokenCacheUnavailableException)
        {
            return -1;
        }
    }

    private static async Task<int> CallsAsync(RedisServer redis, string command)
    {
        await using var connection = Connect(redis);
        await connection.OpenAsync(default);
        var stats = await connection.ExecuteAsync("INFO", database => database.ExecuteAsync("INFO", "commandstats"), default);
        var line = ((string)stats!).Split('\n').Single(l => l.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal));
        return int.Parse(line[(line.IndexOf('=') + 1)..line.IndexOf(',')]);
    }
}

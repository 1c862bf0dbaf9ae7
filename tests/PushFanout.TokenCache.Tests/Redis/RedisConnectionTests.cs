using System.Diagnostics;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;

namespace PushFanout.TokenCache.Tests.Redis;

public sealed class RedisConnectionTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;
    private static readonly RedisScript Echo = new("echo", "return ARGV[1]");

    [Fact]
    public async Task A_script_that_redis_forgot_is_loaded_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis.ConnectionString);
        Assert.Equal("first", (string?)await connection.EvaluateAsync(Echo, [], ["first"], default));
        Assert.Equal("OK", await redis.CommandAsync("SCRIPT FLUSH"));
        Assert.Equal("second", (string?)await connection.EvaluateAsync(Echo, [], ["second"], default));
        Assert.Equal("third", (string?)await connection.EvaluateAsync(Echo, [], ["third"], default));
    }

    [Fact]
    public async Task A_frozen_redis_is_unavailable_within_the_deadline_and_usable_as_soon_as_it_goes_on()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis.ConnectionString, timeout: TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis answers");
        redis.Suspend();
        var startedAt = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => connection.EvaluateAsync(Echo, [], ["x"], default).WaitAsync(Patience));
        Assert.True(Stopwatch.GetElapsedTime(startedAt) > TimeSpan.FromSeconds(0.9), "nobody waited");
        redis.Resume();
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis answers again");
    }

    [Fact]
    public async Task A_connection_that_only_looks_alive_is_replaced()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new FaultProxy(redis.Port);
        await using var connection = Connect(proxy.Endpoint, timeout: TimeSpan.FromSeconds(0.5));
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis answers");
        proxy.Silence();
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => connection.EvaluateAsync(Echo, [], ["x"], default));
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "a new connection was made");
    }

    [Fact]
    public async Task A_restarted_redis_is_told_as_another_run_and_a_broken_connection_is_not()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis.ConnectionString, timeout: TimeSpan.FromSeconds(1));
        var seen = new List<bool>();
        connection.Reconnected += (_, e) => { lock (seen) { seen.Add(e.ServerStarted); } };
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis answers");
        await Eventually.TrueAsync(async () => (await redis.CommandAsync("CLIENT LIST")).Length > 0, Patience, "the client is connected");

        await redis.CommandAsync("CLIENT KILL TYPE normal");
        await Eventually.TrueAsync(() => { lock (seen) { return seen.Count > 0; } }, Patience, "the broken connection came back");
        lock (seen)
        {
            Assert.All(seen, Assert.False);
        }
        await redis.RestartAsync();
        await Eventually.TrueAsync(() => { lock (seen) { return seen.Contains(true); } }, Patience, "the other run was noticed");
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis answers again");
    }

    [Fact]
    public async Task A_redis_that_is_not_there_is_unavailable_and_found_once_it_is()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.StopAsync();
        await using var connection = Connect(redis.ConnectionString, timeout: TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => connection.OpenAsync(default));
        await redis.RestartAsync();
        await Eventually.TrueAsync(() => AnswersAsync(connection), Patience, "Redis was found");
    }

    [Fact]
    public async Task A_missing_password_is_said_and_the_password_never_is()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { Password = "canary-secret" });
        await using var without = Connect(redis.Endpoint);
        var refused = await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => without.OpenAsync(default));
        Assert.Contains("NOAUTH", refused.Message);
        await using var wrong = Connect($"{redis.Endpoint},password=canary-wrong");
        refused = await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => wrong.OpenAsync(default));
        Assert.Matches("NOAUTH|WRONGPASS|AuthenticationFailure", refused.Message);
        Assert.DoesNotContain("canary", refused.ToString());
        await using var with = Connect(redis.ConnectionString);
        await with.OpenAsync(default);
    }

    [Fact]
    public async Task A_redis_that_evicts_keys_is_refused()
    {
        await using var redis = await RedisServer.StartAsync(new RedisServerOptions { MaxMemoryPolicy = "allkeys-lru" });
        await using var connection = Connect(redis.ConnectionString);
        var refused = await Assert.ThrowsAsync<UnsuitableRedisException>(() => connection.OpenAsync(default));
        Assert.Contains("allkeys-lru", refused.Message);
    }

    [Theory]
    [InlineData("SET key text", "WRONGTYPE")]
    [InlineData("CONFIG SET maxmemory 1", "OOM")]
    [InlineData("REPLICAOF 127.0.0.1 1", "READONLY")]
    public async Task An_error_of_redis_is_passed_on_as_unavailable(string cause, string word)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = Connect(redis.ConnectionString);
        await connection.OpenAsync(default);
        await redis.CommandAsync(cause);
        var refused = await Assert.ThrowsAsync<TokenCacheUnavailableException>(
            () => connection.ExecuteAsync("SADD", database => database.SetAddAsync("key", "member"), default));
        Assert.Contains(word, refused.Message);
    }

    [Fact]
    public async Task The_clock_of_redis_can_be_read()
    {
        await using var connection = Connect(await SharedServers.RedisAsync());
        Assert.InRange(await connection.ReadTimeAsync(default) - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
    }

    private static RedisConnection Connect(string connectionString, TimeSpan? timeout = null) =>
        new(new RedisConnectionOptions
        {
            Endpoints = connectionString,
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
            WatchInterval = TimeSpan.FromMilliseconds(200),
        });

    private static async Task<bool> AnswersAsync(RedisConnection connection)
    {
        try
        {
            return (string?)await connection.EvaluateAsync(Echo, [], ["x"], default) == "x";
        }
        catch (TokenCacheUnavailableException)
        {
            return false;
        }
    }
}

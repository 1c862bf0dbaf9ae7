using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

public sealed class RedisLedgerTests : LedgerEndScenarios
{
    private protected override async Task<LedgerUnderTest> StartAsync(LedgerLimits limits) => await RedisUnderTest.StartAsync(limits);

    [Fact]
    public async Task Every_key_has_an_end_and_only_the_summary_and_receipts_outlive_the_close()
    {
        await using var redis = await RedisUnderTest.StartAsync(LedgerUnderTest.Unhurried);
        var send = Planned(ranges: 2);
        await redis.Ledger.CreateAsync(send, default);
        await redis.Ledger.SnapAsync(send.Id, 0, Content(0, 2), default);
        await redis.Ledger.SnapAsync(send.Id, 1, Content(2, 2), default);
        await redis.Ledger.ClaimAsync(Claim(send.Id, Content(0, 2), 0, 2), default);
        var open = await redis.KeysOfAsync(send.Id);
        var endless = await WithoutEndAsync(redis, send.Id, open);
        await redis.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));
        await redis.Ledger.DeliverAsync(send.Id, 1, Content(2, 2));
        await redis.Ledger.FinishAsync(send.Id, default);
        await redis.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(3), default);
        var closed = await redis.KeysOfAsync(send.Id);

        Assert.Equal(["b", "h:0", "h:1", "m", "r:0", "r:1", "rm", "x:0", "x:1"], open);
        Assert.Equal(["h:0", "h:1", "m", "r:0", "r:1"], closed);
        Assert.Empty(endless);
        Assert.Empty(await WithoutEndAsync(redis, send.Id, closed));
    }

    [Fact]
    public async Task A_short_way_leaves_no_key_without_an_end()
    {
        await using var redis = await RedisUnderTest.StartAsync(LedgerUnderTest.Unhurried);
        var send = Short(3);
        await redis.Ledger.CreateAsync(send, default);
        var keys = await redis.KeysOfAsync(send.Id);

        Assert.Equal(["h:0", "m", "r:0", "rm", "x:0"], keys);
        Assert.Empty(await WithoutEndAsync(redis, send.Id, keys));
    }

    [Fact]
    public async Task A_send_that_is_paused_for_longer_than_the_safety_time_lives_on_as_long_as_it_is_ticked()
    {
        await using var redis = await RedisUnderTest.StartAsync(LedgerUnderTest.Unhurried);
        var send = Planned(ranges: 1);
        await redis.Ledger.CreateAsync(send, default);
        await redis.Ledger.SnapAsync(send.Id, 0, Content(0, 2), default);
        var keys = await redis.KeysOfAsync(send.Id);
        foreach (var key in keys)
        {
            await redis.ReadAsync(db => db.KeyExpireAsync(redis.Key(send.Id, key), TimeSpan.FromDays(28)));
        }

        await redis.Ledger.ReadAsync(send.Id, default);

        foreach (var key in keys)
        {
            Assert.True(await redis.ReadAsync(db => db.KeyTimeToLiveAsync(redis.Key(send.Id, key))) > TimeSpan.FromDays(29), key);
        }
    }

    [Fact]
    public async Task A_dead_redis_is_unavailable_and_never_an_unknown_notification()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = RedisUnderTest.Start(server.ConnectionString, LedgerUnderTest.Unhurried);
        var send = Short(1);
        await redis.Ledger.CreateAsync(send, default);
        await server.KillAsync();

        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => redis.Ledger.ClaimAsync(Claim(send.Id, send.ShortWay!.Value, 0, 1)));
        await Assert.ThrowsAsync<TokenCacheUnavailableException>(() => redis.Ledger.ReadStatusAsync(send.Id, default));
    }

    private static async Task<string[]> WithoutEndAsync(RedisUnderTest redis, Guid id, string[] keys)
    {
        var lives = await Task.WhenAll(keys.Select(key => redis.ReadAsync(db => db.KeyTimeToLiveAsync(redis.Key(id, key)))));
        return [.. keys.Where((_, i) => lives[i] is null)];
    }
}

using PushFanout.Testing;
using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>A Redis that crashes and comes back with less than it had acknowledged.</summary>
public sealed class LedgerReplayTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task What_redis_forgot_in_a_crash_is_written_again_and_the_counts_are_exact()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = RedisUnderTest.Start(server.ConnectionString, LedgerUnderTest.Unhurried);
        var send = Planned(ranges: 2);
        await redis.Ledger.CreateAsync(send, default);
        await redis.Ledger.SnapAsync(send.Id, 0, Content(0, 6), default);
        await redis.Ledger.ExpandedAsync(send.Id, 0, 1, Content(0, 6).Digest64, default);
        var first = Claim(send.Id, Content(0, 6), 0, 6);
        await redis.Ledger.ClaimAsync(first);
        await redis.Ledger.SettleAsync(Segment(first, All(Outcome.Accepted, 2), ambiguous: 1));
        await server.CommandAsync("SAVE");

        // All of this is acknowledged, and gone after the crash.
        await redis.Ledger.SettleAsync(Segment(first, All(Outcome.Accepted, 3), at: 2));
        await redis.Ledger.SnapAsync(send.Id, 1, Content(6, 4), default);
        await redis.Ledger.ExpandedAsync(send.Id, 1, 1, Content(6, 4).Digest64, default);
        var second = Claim(send.Id, Content(6, 4), 0, 4, range: 1);
        await redis.Ledger.SettleAsync(Segment(second, All(Outcome.Unregistered, 4), owner: 0));
        var late = Short(tokens: 3);
        await redis.Ledger.CreateAsync(late, default);
        await redis.Ledger.SettleAsync(Segment(Claim(late.Id, late.ShortWay!.Value, 0, 3), All(Outcome.Rejected, 3)));
        await redis.Ledger.FinishAsync(late.Id, default);
        await redis.Ledger.CloseAsync(late.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        await redis.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt.AddMinutes(1), default);
        var before = await StatusAsync(redis, send.Id);
        await server.KillAsync();
        await server.RestartAsync();

        await Eventually.TrueAsync(
            async () => (await StatusAsync(redis, send.Id))?.State == NotificationState.Paused && (await StatusAsync(redis, late.Id))?.State == NotificationState.Done,
            Patience, "the last calls are written again");
        var after = await StatusAsync(redis, send.Id);
        Assert.Equal(before!.Totals.ByValue, after!.Totals.ByValue);
        Assert.Equal((before.Totals.Audience, 2, 1L, true), (after.Totals.Audience, after.RangesExpanded, after.Totals.Ambiguous, after.Totals.Exact));
        await redis.Ledger.AssertCountsAsync(send.Id, 1, 0, 0, 0, 0, 0, 4, 5);
        await redis.Ledger.AssertCountsAsync(late.Id, 0, 0, 0, 0, 0, 3, 0, 0);
        Assert.Equal(CreateVerdict.Done, (await redis.Ledger.CreateAsync(late, default)).Verdict);
    }

    [Fact]
    public async Task Writing_it_again_where_nothing_was_forgotten_changes_nothing()
    {
        await using var server = await RedisServer.StartAsync(new RedisServerOptions { AppendOnly = true });
        await using var redis = RedisUnderTest.Start(server.ConnectionString, LedgerUnderTest.Unhurried);
        var send = Planned(ranges: 2);
        await redis.Ledger.CreateAsync(send, default);
        await redis.Ledger.DeliverAsync(send.Id, 0, Content(0, 3));
        await redis.Ledger.SnapAsync(send.Id, 1, Content(3, 5), default);
        var claim = Claim(send.Id, Content(3, 5), 0, 5, range: 1);
        await redis.Ledger.ClaimAsync(claim);
        await redis.Ledger.SettleAsync(Segment(claim, All(Outcome.Rejected, 2, OutcomeReason.BadDeviceToken), ambiguous: 2));
        await redis.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt.AddMinutes(1), default);
        await redis.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddMinutes(2), default);
        var marker = Short(tokens: 1);
        var before = await StatusAsync(redis, send.Id);
        await redis.Ledger.CreateAsync(marker, default);
        // Only this is forgotten, so that its return shows when the last calls were written again.
        await server.CommandAsync($"DEL {redis.Key(marker.Id, "m")}");
        await server.KillAsync();
        await server.RestartAsync();

        await Eventually.TrueAsync(async () => await StatusAsync(redis, marker.Id) is not null, Patience, "the last calls are written again");
        var after = await StatusAsync(redis, send.Id);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(before), System.Text.Json.JsonSerializer.Serialize(after));
        Assert.Equal(ClaimVerdict.Busy, (await redis.Ledger.ClaimAsync(claim with { Owner = 2 })).Verdict);
    }

    [Fact]
    public async Task A_worker_that_saw_only_a_repetition_writes_the_first_plan_again_and_not_its_own()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = RedisUnderTest.Start(server.ConnectionString, LedgerUnderTest.Unhurried);
        var (planned, shortWay) = (Planned(ranges: 2), Short(tokens: 3));
        await server.CommandAsync("SAVE");
        await using (var first = redis.StartAnother(server.ConnectionString, LedgerUnderTest.Unhurried))
        {
            await first.Ledger.CreateAsync(planned, default);
            await first.Ledger.CreateAsync(shortWay, default);
        }
        await redis.Ledger.CreateAsync(shortWay with { RangeEnds = [2, 4, 6], ShortWay = null, RequestedAt = RequestedAt.AddMinutes(1) }, default);
        await redis.Ledger.CreateAsync(planned with { RangeEnds = [1], ShortWay = Content(0, 3), RequestedAt = RequestedAt.AddMinutes(1) }, default);
        await server.KillAsync();
        await server.RestartAsync();

        await Eventually.TrueAsync(
            async () => await StatusAsync(redis, planned.Id) is not null && await StatusAsync(redis, shortWay.Id) is not null, Patience, "both are written again");
        var plan = (await redis.Ledger.ReadAsync(planned.Id, default))!;
        var tokens = await redis.Ledger.CreateAsync(shortWay, default);
        Assert.Equal((false, RequestedAt), (plan.ShortWay, plan.RequestedAt));
        Assert.Equal([2, 4], plan.RangeEnds);
        Assert.Equal((true, RequestedAt), (tokens.Stored!.ShortWay, tokens.Stored.RequestedAt));
        Assert.Equal(shortWay.ShortWay!.Value.Tokens.Bytes.ToArray(), tokens.ShortWay!.Value.Tokens.Bytes.ToArray());
    }

    /// <summary>Null also while Redis is away.</summary>
    private static async Task<NotificationStatus?> StatusAsync(RedisUnderTest redis, Guid id)
    {
        try
        {
            return await redis.Ledger.ReadStatusAsync(id, default);
        }
        catch (TokenCache.TokenCacheUnavailableException)
        {
            return null;
        }
    }
}

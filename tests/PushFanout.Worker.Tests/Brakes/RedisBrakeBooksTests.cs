using System.Text.Json;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Brakes;

namespace PushFanout.Worker.Tests.Brakes;

/// <summary>The books in Redis answer as the reference does, whatever workers and operators do.</summary>
public sealed class RedisBrakeBooksTests
{
    private static readonly BrakeRules Rules = new(0.10, 500, TimeSpan.FromSeconds(6), 1000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_reports_and_decisions_are_answered_as_by_the_reference(int seed)
    {
        var random = new Random(seed);
        await using var redis = await ConnectAsync();
        var books = new RedisBrakeBooks(redis, Rules);
        var reference = new AppBooks(Rules);
        var history = new List<string>();
        DateTimeOffset? seenOpen = null;
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(20))
            {
                case 0:
                    var decision = (BrakeDecision)random.Next(3);
                    var said = random.Next(3) == 0 ? await redis.ReadTimeAsync(default) - TimeSpan.FromMilliseconds(random.Next(20)) : (DateTimeOffset?)null;
                    said = said is { } moment ? DateTimeOffset.FromUnixTimeMilliseconds(moment.ToUnixTimeMilliseconds()) : null;
                    history.Add($"{decision} said at {said:O}");
                    var decided = await books.DecideAsync("shop-ios", decision, said, default);
                    var at = new[] { decided.ReleasedAt, decided.DiscardedAt, said }.Max() ?? await redis.ReadTimeAsync(default);
                    reference.Decide(decision, said, decision == BrakeDecision.Resume ? await redis.ReadTimeAsync(default) : at);
                    break;
                case 1:
                    history.Add("quarantine");
                    await books.CountQuarantinedAsync("shop-ios", "BadDeviceToken", 3, default);
                    reference.CountQuarantined("BadDeviceToken", 3);
                    break;
                default:
                    var report = new AppReport(
                        $"worker-{random.Next(3)}",
                        new AnswerCounts(Some(random, 900), Some(random, 90), Some(random, 90), Some(random, 20), random.Next(12) == 0 ? 5 : 0),
                        random.Next(600), random.Next(600), random.Next(4) == 0 ? seenOpen : null);
                    var approach = random.Next(8) == 0 ? "other" : "usual";
                    var answer = await books.ReportAsync("shop-ios", approach, report, default);
                    var expected = reference.Report(approach, report, answer.Now);
                    history.Add($"{approach} {report} -> {JsonSerializer.Serialize(expected)}");
                    AssertSame(expected with { RestsUntil = Whole(expected.RestsUntil) }, answer, history);
                    seenOpen = answer.Open ? answer.OpenedAt : seenOpen;
                    break;
            }
            var status = await books.ReadAsync("shop-ios", default);
            AssertSame(reference.Status(), status with { ReleasedAt = reference.Status().ReleasedAt, DiscardedAt = reference.Status().DiscardedAt }, history);
        }
        Assert.Contains(history, line => line.Contains("\"JustOpened\":true", StringComparison.Ordinal));
        Assert.Contains(history, line => line.Contains("\"Granted\":0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Removals_have_their_limit_over_all_workers()
    {
        await using var one = await ConnectAsync();
        await using var other = await ConnectAsync(one.KeyPrefix);
        Assert.True(await new RedisBrakeBooks(one, Rules).TakeRemovalsAsync("shop-ios", 700, default));
        Assert.False(await new RedisBrakeBooks(other, Rules).TakeRemovalsAsync("shop-ios", 301, default));
        Assert.True(await new RedisBrakeBooks(other, Rules).TakeRemovalsAsync("shop-ios", 300, default));
        Assert.True(await new RedisBrakeBooks(other, Rules).TakeRemovalsAsync("other-app", 1000, default));
    }

    [Fact]
    public async Task An_open_brake_has_no_end_and_everything_else_has_one()
    {
        await using var redis = await ConnectAsync();
        var books = new RedisBrakeBooks(redis, Rules);
        await books.CountQuarantinedAsync("shop-ios", "BadDeviceToken", 1, default);
        Assert.NotNull(await LifeAsync(redis, "brake"));

        await books.ReportAsync("shop-ios", "a", new AppReport("w", new AnswerCounts(1, 0, 500, 0, 0), 1, 0), default);
        Assert.Null(await LifeAsync(redis, "brake"));
        foreach (var key in (string[])["answers", "good:a", "outstanding"])
        {
            Assert.NotNull(await LifeAsync(redis, key));
        }

        await books.DecideAsync("shop-ios", BrakeDecision.Release, null, default);
        Assert.NotNull(await LifeAsync(redis, "brake"));
    }

    private static Task<TimeSpan?> LifeAsync(RedisConnection redis, string key) =>
        redis.ExecuteAsync("PTTL", database => database.KeyTimeToLiveAsync($"{redis.KeyPrefix}:{{shop-ios}}:{key}"), default);

    private static int Some(Random random, int most) => random.Next(3) == 0 ? 0 : random.Next(most);

    private static DateTimeOffset? Whole(DateTimeOffset? time) => time is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known.ToUnixTimeMilliseconds()) : null;

    private static void AssertSame<T>(T expected, T actual, List<string> history)
    {
        var (wanted, got) = (JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
        Assert.True(wanted == got, $"The reference says\n{wanted}\nRedis says\n{got}\nafter\n{string.Join('\n', history.TakeLast(30))}");
    }

    private static async Task<RedisConnection> ConnectAsync(string? keyPrefix = null)
    {
        var parts = (await SharedServers.RedisAsync()).Split(",password=");
        return new RedisConnection(new RedisConnectionOptions
        {
            Endpoints = parts[0],
            Password = parts.ElementAtOrDefault(1),
            KeyPrefix = keyPrefix ?? $"test-{Guid.NewGuid():N}",
            Timeout = TimeSpan.FromSeconds(20), // no test of deadlines
        });
    }
}

using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Tests.Ledger;

public sealed class LedgerInterleavingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Whatever_workers_do_in_whatever_order_redis_keeps_the_same_books_as_the_reference(int seed)
    {
        for (var run = 0; run < 12; run++)
        {
            var random = new Random((seed * 1000) + run);
            var limits = new LedgerLimits
            {
                IdleClaims = random.Next(1, 4),
                OfferAgainAfter = TimeSpan.FromMilliseconds(random.Next(2) == 0 ? 2 : 3_600_000),
            };
            await using var redis = await RedisUnderTest.StartAsync(limits);
            await using var reference = new InMemoryUnderTest(limits);
            await new Interleaving(random, redis, reference).RunAsync(steps: 100);
        }
    }
}

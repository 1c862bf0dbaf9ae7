using PushFanout.Testing;
using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>The same promises on three nodes, where a script that strays from its slot is refused.</summary>
public sealed class RedisClusterLedgerTests(RedisClusterLedgerTests.Cluster cluster) : LedgerEndScenarios, IClassFixture<RedisClusterLedgerTests.Cluster>
{
    private protected override Task<LedgerUnderTest> StartAsync(LedgerLimits limits) => Task.FromResult<LedgerUnderTest>(cluster.Start(limits));

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Whatever_workers_do_in_whatever_order_a_cluster_keeps_the_same_books_as_the_reference(int seed)
    {
        for (var run = 0; run < 8; run++)
        {
            var limits = new LedgerLimits { IdleClaims = 2, OfferAgainAfter = TimeSpan.FromHours(1) };
            await using var redis = cluster.Start(limits);
            await using var reference = new InMemoryUnderTest(limits);
            await new Interleaving(new Random((seed * 1000) + run), redis, reference).RunAsync(steps: 100);
        }
    }

    [Fact]
    public async Task A_whole_send_leaves_its_books_on_one_node_and_its_line_in_the_listing()
    {
        await using var redis = cluster.Start(LedgerUnderTest.Unhurried);
        var send = Planned(ranges: 2, window: 1);
        await redis.Ledger.CreateAsync(send, default);
        await redis.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt, default);
        await redis.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddSeconds(1), default);
        var released = await redis.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));
        await redis.Ledger.SnapAsync(send.Id, 1, Content(2, 2), default);
        var claim = Claim(send.Id, Content(2, 2), 0, 2, range: 1);
        await redis.Ledger.ClaimAsync(claim);
        await redis.Ledger.HandBackAsync(claim.Batch, claim.Owner, default);
        await redis.Ledger.AdvanceAsync(claim.Batch, 1, default);
        var end = await redis.Ledger.DeliverAsync(send.Id, 1, Content(2, 2));
        var totals = await redis.Ledger.FinishAsync(send.Id, default);
        await redis.Ledger.CloseAsync(send.Id, TimeSpan.Zero, TimeSpan.FromHours(1), default);
        var receipts = await redis.Ledger.FindReceiptsAsync(send.Id, range: 1, Receipt(3), default);
        var again = await redis.Ledger.CreateAsync(send, default);

        Assert.Equal((1, true, 4L), (released.ReleaseRange, end.Complete, totals!.ByOutcome[(int)Outcome.Accepted]));
        Assert.Single(receipts!.Fitting);
        Assert.Equal(CreateVerdict.New, again.Verdict);
        Assert.Single(await redis.Ledger.ListAsync(10, before: null, default));
    }

    /// <summary>Three nodes for all tests of this class; each test has keys of its own.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        private RedisCluster? _nodes;

        public async Task InitializeAsync() => _nodes = await RedisCluster.StartAsync();

        public async Task DisposeAsync() => await _nodes!.DisposeAsync();

        internal RedisUnderTest Start(LedgerLimits limits) => RedisUnderTest.Start(_nodes!.ConnectionString, limits);
    }
}

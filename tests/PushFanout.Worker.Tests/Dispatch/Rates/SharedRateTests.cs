using System.Diagnostics;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Dispatch;

namespace PushFanout.Worker.Tests.Dispatch.Rates;

/// <summary>Tests that measure time against the clock: none runs beside them.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public sealed class Undisturbed;

/// <summary>Limiters as they are in workers, each with a connection of its own to one Redis.</summary>
[Collection(nameof(Undisturbed))]
public sealed class SharedRateTests
{
    private const int PerSecond = 2_000;

    /// <summary>The limit is never passed, however long the machine stands still; a limiter comes near to it while the machine runs.</summary>
    private const double Least = 0.5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Workers_that_ask_as_fast_as_they_can_get_the_rate_together_and_a_fair_share_each(int workers)
    {
        await using var limiters = await Limiters.StartAsync(await SharedServers.RedisAsync(), workers, PerSecond);
        var (granted, running) = await limiters.TakeAllForAsync(TimeSpan.FromSeconds(10));

        Assert.InRange(granted.Sum(), Least * running * PerSecond, 1.1 * 10 * PerSecond);
        Assert.All(granted, share => Assert.True(share >= granted.Sum() / workers / 2, $"{share} of {granted.Sum()}"));
    }

    [Fact]
    public async Task A_rate_of_a_few_pushes_per_second_is_shared_too()
    {
        await using var limiters = await Limiters.StartAsync(await SharedServers.RedisAsync(), workers: 2, perSecond: 5);
        var (granted, running) = await limiters.TakeAllForAsync(TimeSpan.FromSeconds(10));

        Assert.InRange(granted.Sum(), Least * running * 5, 55);
        Assert.All(granted, share => Assert.True(share >= granted.Sum() / 4, $"{share} of {granted.Sum()}"));
    }

    [Fact]
    public async Task Without_Redis_each_worker_goes_on_with_its_share_and_with_Redis_again_with_the_whole()
    {
        await using var server = await RedisServer.StartAsync();
        await using var limiters = await Limiters.StartAsync(server.ConnectionString, workers: 2, PerSecond);
        await limiters.TakeAllForAsync(TimeSpan.FromSeconds(1));

        server.Suspend();
        await limiters.TakeAllForAsync(TimeSpan.FromSeconds(2));
        var (away, runningAway) = await limiters.TakeAllForAsync(TimeSpan.FromSeconds(4));
        server.Resume();
        await limiters.TakeAllForAsync(TimeSpan.FromSeconds(4));
        var (alone, runningAlone) = await limiters.TakeAllForAsync(TimeSpan.FromSeconds(2), only: 0);

        Assert.All(away, share => Assert.InRange(share, Least * runningAway * PerSecond / 2, 1.1 * 4 * PerSecond / 2));
        Assert.InRange(alone.Sum(), Least * runningAlone * PerSecond, 1.1 * 2 * PerSecond);
    }

    private sealed class Limiters : IAsyncDisposable
    {
        private readonly List<RedisConnection> _connections = [];
        private readonly List<PermitPool> _pools = [];
        private readonly List<WorkerPresence> _presences = [];

        public static async Task<Limiters> StartAsync(string redis, int workers, double perSecond)
        {
            var limiters = new Limiters();
            var prefix = $"test-{Guid.NewGuid():N}";
            for (var worker = 0; worker < workers; worker++)
            {
                var parts = redis.Split(",password=");
                var connection = new RedisConnection(new RedisConnectionOptions { Endpoints = parts[0], Password = parts.ElementAtOrDefault(1), KeyPrefix = prefix });
                var presence = new WorkerPresence(connection, TimeProvider.System);
                await presence.SayAsync(default);
                limiters._connections.Add(connection);
                limiters._presences.Add(presence);
                limiters._pools.Add(new PermitPool(
                    new SharedRate("shop-ios", perSecond), new RedisRateLeases(connection, presence, TimeProvider.System), TimeProvider.System));
            }
            foreach (var presence in limiters._presences)
            {
                await presence.SayAsync(default);
                Assert.Equal(workers, presence.Workers);
            }
            return limiters;
        }

        /// <summary>Permits that each got in this time, and for how many seconds of it this process was not held up by others.</summary>
        public async Task<(int[] Granted, double Running)> TakeAllForAsync(TimeSpan time, int? only = null)
        {
            var running = Task.Run(() => RunningAsync(time));
            var granted = await Task.WhenAll(_pools.Where((_, index) => only is null || only == index).Select(pool => Task.Run(() => TakeAsync(pool, time))));
            return (granted, (await running).TotalSeconds);
        }

        public async ValueTask DisposeAsync()
        {
            _presences.ForEach(presence => presence.Dispose());
            foreach (var connection in _connections)
            {
                await connection.DisposeAsync();
            }
        }

        /// <summary>The time without what short waits of this process took too long, on the timers and threads that the limiters use.</summary>
        private static async Task<TimeSpan> RunningAsync(TimeSpan time)
        {
            var wait = TimeSpan.FromMilliseconds(10);
            var started = Stopwatch.GetTimestamp();
            var running = TimeSpan.Zero;
            for (var before = TimeSpan.Zero; before < time;)
            {
                await Task.Delay(wait);
                var now = Stopwatch.GetElapsedTime(started);
                running += now - before < 2 * wait ? now - before : wait;
                before = now;
            }
            return running;
        }

        /// <summary>Four batches of one notification at a time, as fast as they get permits.</summary>
        private static async Task<int> TakeAsync(PermitPool pool, TimeSpan time)
        {
            var notification = Guid.NewGuid();
            var started = Stopwatch.GetTimestamp();
            var granted = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            {
                var sum = 0;
                while (Stopwatch.GetElapsedTime(started) < time)
                {
                    var permits = await pool.TakeAsync(notification, 500, Patience, default);
                    sum += Stopwatch.GetElapsedTime(started) < time ? permits : 0;
                }
                return sum;
            }));
            return granted.Sum();
        }
    }
}

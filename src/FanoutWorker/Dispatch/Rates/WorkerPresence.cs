using Microsoft.Extensions.Hosting;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// Tells the other workers that this one sends pushes, and counts them. Without Redis the last count stays: then it says how
/// large this worker's share of a rate is.
/// </summary>
internal sealed class WorkerPresence(RedisConnection redis, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(10);

    private readonly RedisKey _workers = $"{redis.KeyPrefix}:workers";
    private readonly string _name = Guid.NewGuid().ToString("N");
    private int _count = 1;

    /// <summary>Workers when Redis was last there, this one included.</summary>
    public int Workers => Volatile.Read(ref _count);

    /// <summary>Says once that this worker is here.</summary>
    /// <exception cref="TokenCacheUnavailableException">Redis did not hear it.</exception>
    public async Task SayAsync(CancellationToken cancellationToken)
    {
        var count = await redis.EvaluateAsync(RateScripts.Present, [_workers], [_name, (long)GoneAfter.TotalMilliseconds], cancellationToken);
        Volatile.Write(ref _count, Math.Max(1, (int)count));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SayEvery, clock);
        try
        {
            do
            {
                await TrySayAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await TryLeaveAsync();
        }
    }

    private async Task TrySayAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SayAsync(cancellationToken);
        }
        catch (TokenCacheUnavailableException)
        {
            // The last count stays, which is the safe one; the next tick says it again.
        }
    }

    private async Task TryLeaveAsync()
    {
        try
        {
            await redis.ExecuteAsync("ZREM", database => database.SortedSetRemoveAsync(_workers, _name), CancellationToken.None);
        }
        catch (TokenCacheUnavailableException)
        {
            // The others stop counting this worker when it has been silent for long enough.
        }
    }
}

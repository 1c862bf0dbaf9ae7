using System.Globalization;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// The rates of all workers, booked in Redis. While Redis is away this worker keeps to its share of each rate, so that all
/// together stay below it, and asks once a second whether Redis is back; no push waits for that.
/// </summary>
internal sealed class RedisRateLeases(RedisConnection redis, WorkerPresence presence, TimeProvider clock) : IRateLeases
{
    /// <summary>Pushes wait for this answer, so it is given up before other answers of Redis are.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly long _origin = clock.GetTimestamp();
    private volatile bool _away;
    private long _askAgainAt;

    public int Workers => presence.Workers;

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    public async ValueTask<RateLease> LeaseAsync(SharedRate rate, int permits)
    {
        if (_away)
        {
            AskAgain();
            return SafeShare(rate, permits);
        }
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            var answer = (RedisResult[]?)await redis.EvaluateAsync(
                RateScripts.Lease,
                [$"{redis.KeyPrefix}:{{{rate.Name}}}:rate"],
                [
                    permits, rate.PerSecond.ToString("R", CultureInfo.InvariantCulture),
                    (long)IRateLeases.Horizon.TotalMicroseconds, (long)IRateLeases.Lateness.TotalMicroseconds,
                ],
                patience.Token);
            return new RateLease((int)answer![0], TimeSpan.FromMicroseconds((long)answer[1]));
        }
        catch (Exception away) when (away is TokenCacheUnavailableException or OperationCanceledException)
        {
            _away = true;
            return SafeShare(rate, permits);
        }
    }

    private RateLease SafeShare(SharedRate rate, int permits) => rate.Local.Book(Now, permits, rate.PerSecond / Workers);

    private void AskAgain()
    {
        var due = Volatile.Read(ref _askAgainAt);
        if (Now.Ticks >= due && Interlocked.CompareExchange(ref _askAgainAt, (Now + AskAgainAfter).Ticks, due) == due)
        {
            _ = AskWhetherBackAsync();
        }
    }

    private async Task AskWhetherBackAsync()
    {
        try
        {
            await redis.ReadTimeAsync(CancellationToken.None);
            _away = false;
        }
        catch (TokenCacheUnavailableException)
        {
            // Still away; whoever leases in a second asks again.
        }
    }
}

using MassTransit;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Worker.Http;

/// <param name="Ready">Whether every check is <c>up</c>.</param>
/// <param name="Checks"><c>up</c> or <c>down</c> by server; why is in the log, since everybody may ask.</param>
internal sealed record ReadinessReport(bool Ready, IReadOnlyDictionary<string, string> Checks);

/// <summary>Whether the servers that the worker needs can be used now.</summary>
/// <param name="redis">Null when everything is in memory.</param>
internal sealed class Readiness(IBusControl bus, RedisConnection? redis)
{
    public async Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken)
    {
        var checks = new Dictionary<string, bool> { ["rabbitmq"] = bus.CheckHealth().Status == BusHealthStatus.Healthy };
        if (redis is not null)
        {
            checks["redis"] = await AnswersAsync(redis, cancellationToken);
        }
        return new ReadinessReport(
            checks.Values.All(up => up), checks.ToDictionary(check => check.Key, check => check.Value ? "up" : "down"));
    }

    private static async Task<bool> AnswersAsync(RedisConnection redis, CancellationToken cancellationToken)
    {
        try
        {
            await redis.ExecuteAsync("PING", database => database.PingAsync(), cancellationToken);
            return true;
        }
        catch (TokenCacheUnavailableException)
        {
            return false;
        }
    }
}

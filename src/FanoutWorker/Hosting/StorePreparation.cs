using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Worker.Hosting;

/// <summary>Checks the store before anything is consumed: a suitable Redis, and every app with the shard count it was made with.</summary>
/// <param name="redis">Null when everything is in memory.</param>
internal sealed class StorePreparation(RedisConnection? redis, ITokenCache cache, AppCatalog apps)
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (redis is not null)
        {
            await redis.OpenAsync(cancellationToken);
        }
        foreach (var app in apps.All)
        {
            await cache.OpenAppAsync(app.Name, app.Options.Shards, cancellationToken);
        }
    }
}

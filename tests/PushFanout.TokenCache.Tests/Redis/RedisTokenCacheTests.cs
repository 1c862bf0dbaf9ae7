using PushFanout.Testing;
using PushFanout.TokenCache.Redis;

namespace PushFanout.TokenCache.Tests.Redis;

public sealed class RedisTokenCacheTests : TokenCacheContract
{
    protected override async Task<ITokenCache> CreateAsync()
    {
        var connection = new RedisConnection(new RedisConnectionOptions
        {
            Timeout = TimeSpan.FromSeconds(20), // no test of deadlines
            Endpoints = await SharedServers.RedisAsync(),
            KeyPrefix = $"test-{Guid.NewGuid():N}",
        });
        Owned.Add(connection);
        return new RedisTokenCache(connection);
    }
}

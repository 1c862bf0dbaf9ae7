using PushFanout.Testing;
using PushFanout.TokenCache.Redis;

namespace PushFanout.TokenCache.Tests.Redis;

/// <summary>The same promises on three nodes, where a script that strays from its slot is refused.</summary>
public sealed class RedisClusterTokenCacheTests(RedisClusterTokenCacheTests.Cluster cluster) : TokenCacheContract, IClassFixture<RedisClusterTokenCacheTests.Cluster>
{
    protected override Task<ITokenCache> CreateAsync()
    {
        var connection = new RedisConnection(new RedisConnectionOptions
        {
            Timeout = TimeSpan.FromSeconds(20), // no test of deadlines
            Endpoints = cluster.ConnectionString,
            KeyPrefix = $"test-{Guid.NewGuid():N}",
        });
        Owned.Add(connection);
        return Task.FromResult<ITokenCache>(new RedisTokenCache(connection));
    }

    public sealed class Cluster : IAsyncLifetime
    {
        private readonly List<IAsyncDisposable> _nodes = [];

        public string ConnectionString { get; private set; } = "";

        public async Task InitializeAsync()
        {
            var cluster = await RedisCluster.StartAsync();
            _nodes.Add(cluster);
            ConnectionString = cluster.ConnectionString;
        }

        public async Task DisposeAsync()
        {
            foreach (var node in _nodes)
            {
                await node.DisposeAsync();
            }
        }
    }
}

namespace PushFanout.Testing;

/// <summary>A private Redis Cluster on loopback: three nodes, no replicas.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private static readonly TimeSpan CreateDeadline = TimeSpan.FromSeconds(60);

    private RedisCluster(IReadOnlyList<RedisServer> nodes) => Nodes = nodes;

    /// <summary>The nodes; each holds a third of the slots.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>All nodes in the notation of StackExchange.Redis.</summary>
    public string ConnectionString => string.Join(',', Nodes.Select(node => node.Endpoint));

    /// <summary>Starts the nodes, joins them and returns when every slot is served.</summary>
    public static async Task<RedisCluster> StartAsync(CancellationToken cancellationToken = default)
    {
        var options = new RedisServerOptions { ClusterNode = true };
        var cluster = new RedisCluster(await Task.WhenAll(
            Enumerable.Range(0, 3).Select(_ => RedisServer.StartAsync(options, cancellationToken))).ConfigureAwait(false));
        var create = ChildProcess.Start(
            Programs.Find("redis-cli"), ["--cluster", "create", .. cluster.Nodes.Select(node => node.Endpoint), "--cluster-yes"]);
        await using (create.ConfigureAwait(false))
        {
            if (await create.WaitForExitAsync(CreateDeadline).ConfigureAwait(false) != 0)
            {
                await cluster.DisposeAsync().ConfigureAwait(false);
                throw new ServerDidNotStartException($"The Redis Cluster was not created:\n{create.Output}");
            }
        }
        foreach (var node in cluster.Nodes)
        {
            await Eventually.TrueAsync(async () => await node.CommandAsync("CLUSTER INFO").ConfigureAwait(false) == "cluster_state:ok",
                CreateDeadline, "every node knows that every slot is served").ConfigureAwait(false);
        }
        return cluster;
    }

    /// <summary>Kills all nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }
}

namespace PushFanout.Testing;

/// <summary>A private Redis Cluster on loopback: three masters, without replicas or with one each.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private static readonly TimeSpan CreateDeadline = Eventually.Patience;

    private RedisCluster(IReadOnlyList<RedisServer> nodes) => Nodes = nodes;

    /// <summary>The nodes; each of the first three holds a third of the slots, at first.</summary>
    public IReadOnlyList<RedisServer> Nodes { get; }

    /// <summary>All nodes in the notation of StackExchange.Redis.</summary>
    public string ConnectionString => string.Join(',', Nodes.Select(node => node.Endpoint));

    /// <summary>Starts the nodes, joins them and returns when every slot is served.</summary>
    /// <param name="appendOnly">Whether a killed node comes back with its data.</param>
    /// <param name="replicas">Of each master. With one, it takes over about three seconds after its master has died.</param>
    /// <param name="cancellationToken">Ends the wait for the nodes.</param>
    public static async Task<RedisCluster> StartAsync(bool appendOnly = false, int replicas = 0, CancellationToken cancellationToken = default)
    {
        var options = new RedisServerOptions { ClusterNode = true, AppendOnly = appendOnly, Arguments = ["--cluster-node-timeout", replicas == 0 ? "15000" : "2000"] };
        var cluster = new RedisCluster(await Task.WhenAll(
            Enumerable.Range(0, 3 * (1 + replicas)).Select(_ => RedisServer.StartAsync(options, cancellationToken))).ConfigureAwait(false));
        var create = ChildProcess.Start(
            Programs.Find("redis-cli"), ["--cluster", "create", .. cluster.Nodes.Select(node => node.Endpoint), "--cluster-replicas", $"{replicas}", "--cluster-yes"]);
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
        foreach (var master in cluster.Nodes.Take(replicas == 0 ? 0 : 3))
        {
            await Eventually.TrueAsync(async () => await master.CommandAsync("WAIT 1 100").ConfigureAwait(false) is not "0",
                CreateDeadline, "every master has a replica that follows").ConfigureAwait(false);
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

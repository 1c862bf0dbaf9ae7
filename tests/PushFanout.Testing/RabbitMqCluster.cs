namespace PushFanout.Testing;

/// <summary>A private RabbitMQ cluster on loopback: three nodes, so that a quorum queue has three members.</summary>
public sealed class RabbitMqCluster : IAsyncDisposable
{
    private RabbitMqCluster(IReadOnlyList<RabbitMqServer> nodes) => Nodes = nodes;

    /// <summary>The nodes. The first has the port mapper, which goes on when the node is killed.</summary>
    public IReadOnlyList<RabbitMqServer> Nodes { get; }

    /// <summary>Starts the nodes and joins them.</summary>
    public static async Task<RabbitMqCluster> StartAsync(CancellationToken cancellationToken = default)
    {
        var first = await RabbitMqServer.StartAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var others = await Task.WhenAll(
            RabbitMqServer.StartSiblingAsync(first, cancellationToken), RabbitMqServer.StartSiblingAsync(first, cancellationToken)).ConfigureAwait(false);
        var cluster = new RabbitMqCluster([first, .. others]);
        try
        {
            foreach (var node in others)
            {
                await node.ControlAsync("stop_app").ConfigureAwait(false);
                await node.ControlAsync("join_cluster", first.NodeName).ConfigureAwait(false);
                await node.ControlAsync("start_app").ConfigureAwait(false);
            }
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Kills all nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes.Reverse())
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }
}

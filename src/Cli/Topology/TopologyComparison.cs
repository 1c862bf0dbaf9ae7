using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Cli;

/// <summary>How something on the broker differs from what workers declare.</summary>
/// <param name="Kind"><c>missing</c>, <c>different</c>, or <c>unknown</c>: of our name, but none of ours.</param>
/// <param name="What">For example <c>queue pushfanout.parked</c>.</param>
/// <param name="Detail">In which way; null when the kind says it all.</param>
internal sealed record TopologyDifference(string Kind, string What, string? Detail = null)
{
    public const string Missing = "missing";
    public const string Different = "different";
    public const string Unknown = "unknown";
}

/// <summary>Exchanges and queues on a broker, asked for over AMQP, which cannot tell of bindings. Nothing is changed.</summary>
internal sealed class TopologyComparison : IAsyncDisposable
{
    private const ushort NotFound = 404;
    private const ushort PreconditionFailed = 406;

    private readonly IConnection _connection;
    private readonly List<TopologyDifference> _differences = [];
    private IChannel? _channel;

    private TopologyComparison(IConnection connection) => _connection = connection;

    /// <exception cref="OperationInterruptedException">The broker refuses to tell.</exception>
    public static async Task<IReadOnlyList<TopologyDifference>> RunAsync(IConnection connection, CancellationToken stop)
    {
        await using var comparison = new TopologyComparison(connection);
        foreach (var exchange in Topology.AllExchanges)
        {
            await comparison.CompareAsync(
                $"exchange {exchange.Name}",
                channel => channel.ExchangeDeclarePassiveAsync(exchange.Name, stop),
                channel => channel.ExchangeDeclareAsync(exchange.Name, exchange.Type, durable: true, autoDelete: false, cancellationToken: stop), stop);
        }
        foreach (var queue in Topology.Queues)
        {
            await comparison.CompareAsync(
                $"queue {queue.Name}",
                channel => channel.QueueDeclarePassiveAsync(queue.Name, stop),
                channel => channel.QueueDeclareAsync(
                    queue.Name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(queue.Arguments), cancellationToken: stop), stop);
        }
        return comparison._differences;
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }
    }

    /// <summary>Declaring what is known to be there makes nothing, and is refused with the argument that differs.</summary>
    private async Task CompareAsync(string what, Func<IChannel, Task> find, Func<IChannel, Task> declare, CancellationToken stop)
    {
        try
        {
            await find(await ChannelAsync(stop));
            await declare(await ChannelAsync(stop));
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            _differences.Add(new TopologyDifference(TopologyDifference.Missing, what));
        }
        catch (OperationInterruptedException conflict) when (conflict.ShutdownReason?.ReplyCode == PreconditionFailed)
        {
            _differences.Add(new TopologyDifference(TopologyDifference.Different, what, conflict.ShutdownReason.ReplyText));
        }
    }

    /// <summary>The broker closes a channel with every refusal.</summary>
    private async Task<IChannel> ChannelAsync(CancellationToken stop)
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }
        return _channel = await _connection.CreateChannelAsync(cancellationToken: stop);
    }
}

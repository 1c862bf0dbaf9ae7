using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Worker.Messaging.RabbitMq;

/// <summary>Something of our name is on the broker with other properties; an operator has to decide what becomes of it.</summary>
internal sealed class TopologyConflictException(string message, Exception innerException) : Exception(message, innerException);

/// <summary>Declares <see cref="Topology"/> on a broker. Declaring what is there already changes nothing.</summary>
internal static class TopologyDeclaration
{
    private const ushort PreconditionFailed = 406;

    /// <summary>Reply codes of AMQP that say nothing about what was asked for: CONNECTION_FORCED, RESOURCE_ERROR, INTERNAL_ERROR, the last one also for a lost connection.</summary>
    private static readonly ushort[] Passing = [320, 506, 541];

    /// <exception cref="TopologyConflictException">A queue or exchange exists with other arguments; the text names it and the argument.</exception>
    /// <exception cref="BrokerUnreachableException">Nobody answers, or the login is refused.</exception>
    public static async Task ApplyAsync(BrokerConnection broker, CancellationToken cancellationToken)
    {
        await using var connection = await broker.ConnectAsync("pushfanout topology", cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var exchange in Topology.AllExchanges)
        {
            await NamingAsync($"exchange {exchange.Name}", channel.ExchangeDeclareAsync(
                exchange.Name, exchange.Type, durable: true, autoDelete: false, cancellationToken: cancellationToken));
        }
        foreach (var queue in Topology.Queues)
        {
            await NamingAsync($"queue {queue.Name}", channel.QueueDeclareAsync(
                queue.Name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(queue.Arguments), cancellationToken: cancellationToken));
        }
        foreach (var binding in Topology.Bindings)
        {
            await (binding.ToQueue
                ? channel.QueueBindAsync(binding.Destination, binding.Source, binding.RoutingKey, cancellationToken: cancellationToken)
                : channel.ExchangeBindAsync(binding.Destination, binding.Source, binding.RoutingKey, cancellationToken: cancellationToken));
        }
        await connection.CloseAsync(cancellationToken);
    }

    /// <summary>Whether a declaration failed for a broker that is away, overloaded or restarting: the same may go well a moment later.</summary>
    public static bool MayPass(Exception failure) => failure is BrokerUnreachableException or TimeoutException or IOException or OperationCanceledException // the client's own word for no answer
        || (failure is OperationInterruptedException interrupted && (interrupted.ShutdownReason is not { } reason || Passing.Contains(reason.ReplyCode)));

    private static async Task NamingAsync(string what, Task declaration)
    {
        try
        {
            await declaration;
        }
        catch (OperationInterruptedException refused) when (refused.ShutdownReason?.ReplyCode == PreconditionFailed)
        {
            throw new TopologyConflictException(
                $"The {what} exists with other properties than PushFanout needs: {refused.ShutdownReason.ReplyText}. " +
                "Drain and delete it, then start again.", refused);
        }
    }
}

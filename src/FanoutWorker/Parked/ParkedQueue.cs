using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Worker.Parked;

/// <summary>
/// The parked queue, one message after the other. What is taken stays the broker's until it is sent back or discarded: all else returns to the queue,
/// in its order, when this is closed or its process dies. What somebody else has taken meanwhile is not seen.
/// </summary>
internal sealed class ParkedQueue : IAsyncDisposable
{
    private const ushort NotFound = 404;
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private ParkedQueue(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <returns>Null when there is no such queue: no worker has been started there, nor its topology applied.</returns>
    /// <exception cref="BrokerUnreachableException">Nobody answers, or the login is refused.</exception>
    public static async Task<ParkedQueue?> OpenAsync(BrokerConnection broker, CancellationToken stop)
    {
        var connection = await broker.ConnectAsync("pushfanout parked", stop);
        try
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), stop);
            await channel.QueueDeclarePassiveAsync(QueueNames.Parked, stop);
            return new ParkedQueue(connection, channel);
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            await connection.DisposeAsync();
            return null;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The oldest messages, and whether there are more.</summary>
    public async Task<(IReadOnlyList<ParkedMessage> Oldest, bool More)> ListAsync(int limit, CancellationToken stop)
    {
        var oldest = new List<ParkedMessage>();
        while (oldest.Count < limit && await TakeAsync(stop) is { } taken)
        {
            oldest.Add(ParkedMessage.Of(taken));
        }
        // The broker's own count of a queue is some seconds old.
        return (oldest, oldest.Count == limit && await TakeAsync(stop) is not null);
    }

    /// <summary>The next message; null at the end.</summary>
    public Task<BasicGetResult?> TakeAsync(CancellationToken stop) => _channel.BasicGetAsync(QueueNames.Parked, autoAck: false, stop);

    /// <summary>Sends a message to a queue as it is but for what was noted when it was parked; gone from here only when the broker has confirmed it there.</summary>
    public async Task RequeueAsync(BasicGetResult taken, string queue, CancellationToken stop)
    {
        var properties = new BasicProperties(taken.BasicProperties) { DeliveryMode = DeliveryModes.Persistent };
        foreach (var name in (string[])[MessageHeaders.ParkedReason, MessageHeaders.ParkedFrom, MessageHeaders.ParkedAt, MessageHeaders.Failures, .. BrokerDeath.Headers])
        {
            properties.Headers?.Remove(name);
        }
        try
        {
            await _channel.BasicPublishAsync(queue, routingKey: "", mandatory: true, properties, taken.Body, stop).AsTask().WaitAsync(ConfirmTimeout, stop);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"RabbitMQ did not confirm a message in {queue}. It stays parked, and may be in both.");
        }
        await DiscardAsync(taken, stop);
    }

    public ValueTask DiscardAsync(BasicGetResult taken, CancellationToken stop) => _channel.BasicAckAsync(taken.DeliveryTag, multiple: false, stop);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_channel.IsOpen)
            {
                await _channel.BasicNackAsync(0, multiple: true, requeue: true); // 0: all that are left
                // Answered behind it: whoever looks next finds them all.
                await _channel.QueueDeclarePassiveAsync(QueueNames.Parked).WaitAsync(ConfirmTimeout);
            }
        }
        catch (Exception failure) when (failure is OperationInterruptedException or AlreadyClosedException or TimeoutException or IOException)
        {
            // The broker gives back what a lost connection had.
        }
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

using System.Text;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Chaos.Installation;

/// <summary>
/// The service that asks and listens, with plain AMQP. Its queue is durable and it connects again and again, so that no fault of the
/// broker hides a result from the oracle.
/// </summary>
internal sealed class ServiceClient(Uri broker) : IAsyncDisposable
{
    private const string Results = "chaos.results";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<Completion> _heard = [];
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Every result so far, repetitions among them.</summary>
    public IReadOnlyList<Completion> Heard => _heard;

    /// <summary>Declares the queue for results, after the topology: the same as <c>pushfanout topology apply</c>, for workers may die before they have.</summary>
    public async Task ListenAsync()
    {
        await TopologyDeclaration.ApplyAsync(new BrokerConnection(broker, Password: null), CancellationToken.None);
        var channel = await ConnectAsync();
        await channel.QueueDeclareAsync(Results, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync(Results, Exchanges.NotificationCompleted, "#");
        await channel.QueueBindAsync(Results, Exchanges.NotificationRejected, "#");
    }

    /// <summary>Publishes a message of the public contract; returns when the broker has confirmed.</summary>
    public async Task PublishAsync(string exchange, string json)
    {
        var channel = await ConnectAsync();
        await channel.BasicPublishAsync(
            exchange, routingKey: "", mandatory: true,
            new BasicProperties { Persistent = true, ContentType = "application/json" }, Encoding.UTF8.GetBytes(json)).AsTask().WaitAsync(Patience);
    }

    /// <summary>Takes what has come; nothing while the broker is away.</summary>
    /// <returns>Whether the broker could be asked.</returns>
    public async Task<bool> TryReadAsync()
    {
        try
        {
            var channel = await ConnectAsync();
            while (await channel.BasicGetAsync(Results, autoAck: false).WaitAsync(Patience) is { } result)
            {
                _heard.Add(new Completion(result.BasicProperties.MessageId, result.Exchange, JsonSerializer.Deserialize<JsonElement>(result.Body.Span)));
                await channel.BasicAckAsync(result.DeliveryTag, multiple: false);
            }
            return true;
        }
        catch (Exception away) when (IsAway(away))
        {
            await DropAsync();
            return false;
        }
    }

    /// <summary>Messages ready in a queue.</summary>
    public async Task<uint> CountAsync(string queue) => (await (await ConnectAsync()).QueueDeclarePassiveAsync(queue).WaitAsync(Patience)).MessageCount;

    public async ValueTask DisposeAsync() => await DropAsync();

    public static bool IsAway(Exception failure) =>
        failure is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    private async Task<IChannel> ConnectAsync()
    {
        if (_channel is { IsOpen: true })
        {
            return _channel;
        }
        await DropAsync();
        _connection = await Factory().CreateConnectionAsync("chaos").WaitAsync(Patience);
        _channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)).WaitAsync(Patience);
        return _channel;
    }

    private ConnectionFactory Factory() =>
        new() { Uri = broker, AutomaticRecoveryEnabled = false, RequestedConnectionTimeout = Patience, ContinuationTimeout = Patience };

    private async Task DropAsync()
    {
        var connection = _connection;
        (_connection, _channel) = (null, null);
        if (connection is null)
        {
            return;
        }
        try
        {
            await connection.CloseAsync(TimeSpan.FromSeconds(1)).WaitAsync(TimeSpan.FromSeconds(2));
            await connection.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(2));
        }
        catch (Exception away) when (IsAway(away))
        {
            // It is gone anyway.
        }
    }
}

using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using PushFanout.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PushFanout.Integration.Tests.Installation;

/// <summary>A service in any language: RabbitMQ.Client and JSON, nothing of PushFanout and nothing of MassTransit.</summary>
public sealed class PlainAmqpClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Channel<JsonElement> _results = Channel.CreateBounded<JsonElement>(10_000);

    private PlainAmqpClient(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<PlainAmqpClient> ConnectAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        return new PlainAmqpClient(connection, channel);
    }

    /// <summary>Binds a queue of its own to a result exchange, as a service would; exchanges exist since the first worker started.</summary>
    public async Task ListenAsync(string exchange, string routingKey)
    {
        var queue = await _channel.QueueDeclareAsync();
        await _channel.QueueBindAsync(queue.QueueName, exchange, routingKey);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Assert.Equal("application/json", delivery.BasicProperties.ContentType);
            await _results.Writer.WriteAsync(JsonSerializer.Deserialize<JsonElement>(delivery.Body.Span));
        };
        await _channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }

    /// <summary>The next result, whichever exchange it came from.</summary>
    public async Task<JsonElement> NextAsync(TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        return await _results.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>Results that have come and were not read.</summary>
    public int Waiting => _results.Reader.Count;

    public Task PublishAsync(string exchange, string json, string? contentType = "application/json", IDictionary<string, object?>? headers = null) =>
        PublishAsync(exchange, Encoding.UTF8.GetBytes(json), contentType, headers);

    /// <summary>Publishes bytes as they are; returns when the broker has confirmed.</summary>
    public async Task PublishAsync(string exchange, byte[] body, string? contentType, IDictionary<string, object?>? headers = null)
    {
        var properties = new BasicProperties { Persistent = true, Headers = headers };
        if (contentType is not null)
        {
            properties.ContentType = contentType;
        }
        await _channel.BasicPublishAsync(exchange, routingKey: "", mandatory: true, properties, body);
    }

    /// <summary>Takes one message out of a queue, waiting for it.</summary>
    public async Task<BasicGetResult> TakeAsync(string queue)
    {
        BasicGetResult? taken = null;
        await Eventually.TrueAsync(
            async () => (taken = await _channel.BasicGetAsync(queue, autoAck: true)) is not null, Patience, $"a message is in {queue}");
        return taken!;
    }

    /// <summary>Messages ready in a queue.</summary>
    public async Task<uint> CountAsync(string queue) => (await _channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

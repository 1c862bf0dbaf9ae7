using RabbitMQ.Client;

namespace PushFanout.Worker.Messaging.RabbitMq;

/// <param name="Messages">Ready to be delivered; those that a consumer has are not among them.</param>
internal readonly record struct QueueCounts(uint Consumers, uint Messages);

/// <summary>What is in queues and who consumes them, as the broker itself sees it; over one connection that is made anew whenever it does not answer.</summary>
internal sealed class QueueView(BrokerConnection broker, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Counts by queue; null when the broker does not answer for all of them.</summary>
    public async Task<IReadOnlyDictionary<string, QueueCounts>?> ReadAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await ReadNowAsync([.. queues], patience.Token).WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure means the same here: nothing is known, and the next look begins with a fresh connection.
            await CloseAsync();
            return null;
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<IReadOnlyDictionary<string, QueueCounts>> ReadNowAsync(string[] queues, CancellationToken cancellationToken)
    {
        _connection ??= await broker.ConnectAsync("pushfanout watch", cancellationToken);
        _channel ??= await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var counts = new Dictionary<string, QueueCounts>();
        foreach (var queue in queues)
        {
            var there = await _channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            counts[queue] = new QueueCounts(there.ConsumerCount, there.MessageCount);
        }
        return counts;
    }

    private async Task CloseAsync()
    {
        var connection = _connection;
        (_connection, _channel) = (null, null);
        try
        {
            if (connection is not null)
            {
                await connection.AbortAsync().WaitAsync(Patience, clock);
                await connection.DisposeAsync().AsTask().WaitAsync(Patience, clock);
            }
        }
        catch (Exception closing) when (closing is TimeoutException or ObjectDisposedException)
        {
            // A dead connection may not close in an orderly way; it is not used again.
        }
    }
}

using System.Text;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Worker.Messaging.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Cli;

/// <summary>Over RabbitMQ, as any service would: plain JSON to the exchange, and a queue of our own for the answer.</summary>
internal sealed class RabbitMqRoute : IRequestRoute
{
    private const ushort NotFound = 404;
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly WorkerApi? _watch;
    private readonly Guid _id;
    private readonly TaskCompletionSource<SendEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RabbitMqRoute(IConnection connection, IChannel channel, WorkerApi? watch, Guid id) => (_connection, _channel, _watch, _id) = (connection, channel, watch, id);

    /// <param name="answers">Whether the end will be waited for: its queue must be there before the request is.</param>
    /// <param name="watch">Where to ask how far it is, which the broker does not tell; null: nowhere. Disposed with the route.</param>
    /// <exception cref="BrokerUnreachableException">Nobody answers, or the login is refused.</exception>
    /// <exception cref="RouteMissingException">The exchanges are not there.</exception>
    public static async Task<RabbitMqRoute> OpenAsync(BrokerConnection broker, NotificationRequested request, bool answers, WorkerApi? watch, CancellationToken stop)
    {
        var connection = await broker.ConnectAsync("pushfanout send", stop);
        try
        {
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), stop);
            var route = new RabbitMqRoute(connection, channel, watch, request.NotificationId);
            await channel.ExchangeDeclarePassiveAsync(Exchanges.NotificationRequested, stop);
            if (answers)
            {
                await route.ListenAsync(RoutingKey.Of(request.App, request.Source), stop);
            }
            return route;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
        {
            await connection.DisposeAsync();
            throw new RouteMissingException($"{broker} has no exchanges of PushFanout: start a worker, or run '{OwnName.Command} topology apply'.");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<ContractFault>> PublishAsync(NotificationRequested request, CancellationToken stop)
    {
        var properties = new BasicProperties
        {
            ContentType = ContractJson.ContentType,
            MessageId = request.NotificationId.ToString(),
            DeliveryMode = DeliveryModes.Persistent,
        };
        try
        {
            await _channel.BasicPublishAsync(
                Exchanges.NotificationRequested, routingKey: "", mandatory: true, properties, ContractJson.Serialize(request), stop).AsTask().WaitAsync(ConfirmTimeout, stop);
            return [];
        }
        catch (PublishException unrouted) when (unrouted.IsReturn)
        {
            throw new RouteMissingException($"No queue takes requests: start a worker, or run '{OwnName.Command} topology apply'.");
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"RabbitMQ did not confirm the request. Whether it has it is not known; repeat it with --id {request.NotificationId}.");
        }
    }

    public async Task<SendEnd> WaitAsync(Guid id, TimeSpan timeout, IProgress<Advance> progress, CancellationToken stop)
    {
        progress.Report(new Advance(0, "published; waiting for the end"));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = WatchAsync(id, timeout, progress, ended.Token);
        try
        {
            return await _end.Task.WaitAsync(timeout, stop);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{id}: nothing heard of its end in time. It may go on.");
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }
    }

    /// <summary>Progress is for the eyes: a worker that does not answer must not end a wait for what the broker will say.</summary>
    private async Task WatchAsync(Guid id, TimeSpan timeout, IProgress<Advance> progress, CancellationToken ended)
    {
        try
        {
            if (_watch is not null)
            {
                await new NotificationWatch(_watch, TimeProvider.System).FollowAsync(id, timeout, progress, ended);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or HttpRequestException or ApiException)
        {
            progress.Report(new Advance(0, "waiting for the end"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task ListenAsync(string routingKey, CancellationToken stop)
    {
        var queue = (await _channel.QueueDeclareAsync(cancellationToken: stop)).QueueName; // exclusive, and gone with the connection
        await _channel.QueueBindAsync(queue, Exchanges.NotificationCompleted, routingKey, cancellationToken: stop);
        await _channel.QueueBindAsync(queue, Exchanges.NotificationRejected, routingKey, cancellationToken: stop);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Hear(delivery.Exchange, delivery.Body.Span);
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue, autoAck: true, consumer, stop);
    }

    /// <summary>Others of the same source get their answers by the same routing key.</summary>
    private void Hear(string exchange, ReadOnlySpan<byte> body)
    {
        if (exchange == Exchanges.NotificationRejected)
        {
            if (JsonSerializer.Deserialize<NotificationRejected>(body, ContractJson.Options) is { } rejected && rejected.NotificationId == _id)
            {
                _end.TrySetResult(new SendEnd(Encoding.UTF8.GetString(body), null, IsDone: false, rejected.Faults));
            }
        }
        else if (JsonSerializer.Deserialize<NotificationCompleted>(body, ContractJson.Options) is { } completed && completed.NotificationId == _id)
        {
            _end.TrySetResult(new SendEnd(Encoding.UTF8.GetString(body), NotificationSummary.Of(completed), IsDone: true, []));
        }
    }
}

/// <summary>The broker is there, but nothing on it takes requests; the message says what to do.</summary>
internal sealed class RouteMissingException(string message) : Exception(message);

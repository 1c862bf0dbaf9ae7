using System.Net.Mime;
using MassTransit;
using PushFanout.Contracts;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Messaging;

/// <summary>
/// Every message that leaves the worker goes through here: it returns when the broker has confirmed, or throws
/// <see cref="BrokerUnavailableException"/> when it has not in time.
/// </summary>
internal sealed class MessageSender(
    Lazy<IBus> bus, IBrokerAddresses addresses, TimeSpan publishTimeout, FanoutMetrics metrics, UnconfirmedPublishes unconfirmed, TimeProvider clock)
{
    private static readonly BodySerializer JsonBody = new(ContentTypes.Json);
    private static readonly BodySerializer WorkBody = new(ContentTypes.Work);

    /// <summary>Sends a work message to one of the worker's queues.</summary>
    public Task SendWorkAsync(string queue, ReadOnlyMemory<byte> work, CancellationToken cancellationToken) =>
        SendAsync(new Uri("exchange:" + queue), work, WorkBody, "work", context => MustArrive(context), cancellationToken);

    /// <summary>Sends a work message to a queue, where it arrives after the tier's time.</summary>
    public Task SendWorkLaterAsync(WaitTier tier, string queue, ReadOnlyMemory<byte> work, CancellationToken cancellationToken) =>
        SendLaterAsync(tier, queue, work, WorkBody, null, cancellationToken);

    /// <summary>Lets a message that came from <see cref="IncomingMessage.Queue"/> rest, and come back as it was.</summary>
    public Task ReturnLaterAsync(WaitTier tier, IncomingMessage message, int failures, CancellationToken cancellationToken) =>
        SendLaterAsync(tier, message.Queue, message.Body, BodyOf(message), context => Carry(context, message, failures), cancellationToken);

    /// <summary>Puts a message at the end of the queue that it came from.</summary>
    public Task ReturnNowAsync(IncomingMessage message, CancellationToken cancellationToken) => SendAsync(
        new Uri("exchange:" + message.Queue), message.Body, BodyOf(message), "work",
        context =>
        {
            MustArrive(context);
            Carry(context, message, message.Failures);
        },
        cancellationToken);

    /// <summary>Puts a message where an operator finds it, with the reason and the queue it came from.</summary>
    public Task ParkAsync(IncomingMessage message, string reason, CancellationToken cancellationToken) => SendAsync(
        new Uri("exchange:" + QueueNames.Parked), message.Body, BodyOf(message), "parked",
        context =>
        {
            MustArrive(context);
            Carry(context, message, message.Failures);
            context.Headers.Set(MessageHeaders.ParkedReason, reason);
            context.Headers.Set(MessageHeaders.ParkedFrom, message.Queue);
            context.Headers.Set(MessageHeaders.ParkedAt, clock.GetUtcNow().ToString("O"));
        },
        cancellationToken);

    /// <summary>Puts a report of tokens into quarantine, where feedback finds it again.</summary>
    /// <param name="report">The report, as JSON.</param>
    /// <param name="quarantinedAt">When it came there first.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task QuarantineAsync(ReadOnlyMemory<byte> report, DateTimeOffset quarantinedAt, CancellationToken cancellationToken)
    {
        var (address, routingKey, delay) = addresses.Quarantine;
        return SendAsync(
            address, report, JsonBody, "quarantine",
            context =>
            {
                MustArrive(context);
                context.SetRoutingKey(routingKey);
                context.Delay = delay;
                context.Headers.Set(MessageHeaders.QuarantinedAt, quarantinedAt.ToString("O"));
            },
            cancellationToken);
    }

    /// <summary>Publishes one of the public messages as plain JSON; repeated with the same <paramref name="messageId"/> it is the same message.</summary>
    /// <param name="exchange">One of <see cref="Exchanges"/>.</param>
    /// <param name="routingKey">For the topic exchanges; null for the fanout ones.</param>
    public Task PublishAsync<T>(string exchange, string? routingKey, T message, Guid? messageId, CancellationToken cancellationToken) where T : class =>
        PublishJsonAsync(exchange, routingKey, ContractJson.Serialize(message), messageId, cancellationToken);

    /// <summary>Publishes a request, given as the JSON of the message.</summary>
    public Task PublishRequestAsync(ReadOnlyMemory<byte> json, Guid messageId, CancellationToken cancellationToken) =>
        PublishJsonAsync(Exchanges.NotificationRequested, null, json, messageId, cancellationToken);

    private Task PublishJsonAsync(string exchange, string? routingKey, ReadOnlyMemory<byte> json, Guid? messageId, CancellationToken cancellationToken) => SendAsync(
        new Uri($"exchange:{exchange}?type={(routingKey is null ? "fanout" : "topic")}"), json, JsonBody, "public",
        context =>
        {
            context.MessageId = messageId ?? context.MessageId;
            if (routingKey is null)
            {
                MustArrive(context);
                context.Headers.Set(MessageHeaders.Exchange, exchange);
                context.Headers.Set(MessageHeaders.FirstSentAt, clock.GetUtcNow().ToString("O"));
            }
            else
            {
                context.SetRoutingKey(routingKey);
            }
        },
        cancellationToken);

    private Task SendLaterAsync(
        WaitTier tier, string queue, ReadOnlyMemory<byte> body, BodySerializer serializer, Action<SendContext>? shape, CancellationToken cancellationToken)
    {
        var (address, routingKey, delay) = addresses.Waiting(tier, queue);
        return SendAsync(
            address, body, serializer, "wait",
            context =>
            {
                MustArrive(context);
                context.SetRoutingKey(routingKey);
                context.Delay = delay;
                shape?.Invoke(context);
            },
            cancellationToken);
    }

    private async Task SendAsync(
        Uri address, ReadOnlyMemory<byte> body, BodySerializer serializer, string kind, Action<SendContext<OutgoingBody>> shape, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var ticket = unconfirmed.Begin();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(publishTimeout);
        try
        {
            var endpoint = await bus.Value.GetSendEndpoint(address).WaitAsync(publishTimeout, clock, cancellationToken);
            // A broker that is frozen and thawed leaves a send hung for ever, whatever its token says: so both, the token and the wait.
            await endpoint.Send(
                new OutgoingBody { Bytes = body, ContentType = serializer.ContentType },
                Pipe.Execute<SendContext<OutgoingBody>>(context =>
                {
                    context.Serializer = serializer;
                    context.ContentType = serializer.ContentType;
                    Trail.Current?.WriteTo(context.Headers);
                    shape(context);
                }),
                deadline.Token).WaitAsync(publishTimeout, clock, cancellationToken);
            metrics.PublishConfirmed(kind, clock.GetElapsedTime(started));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokerUnavailableException($"{address.AbsolutePath} did not confirm a message ({failure.GetType().Name})", failure);
        }
        finally
        {
            unconfirmed.End(ticket);
        }
    }

    /// <summary>A message for a queue that is not there comes back as an error instead of vanishing.</summary>
    private static void MustArrive(SendContext context)
    {
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }
    }

    private static void Carry(SendContext context, IncomingMessage message, int failures)
    {
        context.MessageId = message.MessageId ?? context.MessageId;
        if (message.Exchange.Length > 0)
        {
            context.Headers.Set(MessageHeaders.Exchange, message.Exchange);
        }
        if (failures > 0)
        {
            context.Headers.Set(MessageHeaders.Failures, failures);
        }
        if (message.SentAt is { } sentAt)
        {
            context.Headers.Set(MessageHeaders.FirstSentAt, sentAt.ToString("O"));
        }
    }

    private static BodySerializer BodyOf(IncomingMessage message) =>
        message.ContentType == ContentTypes.Work.MediaType ? WorkBody
        : message.ContentType.Length == 0 || message.ContentType == ContentTypes.Json.MediaType ? JsonBody
        : new BodySerializer(new ContentType(message.ContentType));
}

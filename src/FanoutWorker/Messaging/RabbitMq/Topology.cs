using PushFanout.Contracts;

namespace PushFanout.Worker.Messaging.RabbitMq;

internal sealed record ExchangeDefinition(string Name, string Type);

internal sealed record QueueDefinition(string Name, IReadOnlyDictionary<string, object?> Arguments);

/// <param name="ToQueue">Whether <paramref name="Destination"/> is a queue; otherwise an exchange.</param>
internal sealed record BindingDefinition(string Source, string Destination, bool ToQueue, string RoutingKey);

/// <summary>
/// Every exchange, queue and binding of PushFanout in one place. Workers declare it at start, <c>pushfanout topology apply</c>
/// before the first worker, and <c>deploy/rabbitmq/definitions.json</c> says the same for those who import definitions.
/// </summary>
internal static class Topology
{
    /// <summary>
    /// Deliveries before the broker itself gives up on a message. High, for it also counts the crashes of innocent neighbours: what
    /// really kills workers is recognised by claims without progress.
    /// </summary>
    public const int DeliveryLimit = 1000;

    /// <summary>Arguments of a queue that workers consume.</summary>
    public static IReadOnlyDictionary<string, object?> WorkArguments { get; } = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = QueueNames.Parked,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>
    /// Who lists what is parked gives it back, and RabbitMQ 4 drops what was given back 20 times unless told otherwise. (Never is a number it
    /// takes only since 4.0.)
    /// </summary>
    private static IReadOnlyDictionary<string, object?> ParkedArguments { get; } =
        new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = int.MaxValue };

    private static readonly string[] Inboxes =
        [Exchanges.NotificationRequested, Exchanges.NotificationControl, Exchanges.DeviceRegistered, Exchanges.DeviceUnregistered, Exchanges.AudienceChanged, Exchanges.DeadTokensFound];

    private static readonly string[] Results = [Exchanges.NotificationRejected, Exchanges.NotificationCompleted, Exchanges.DevicesRetired];

    /// <summary>Which public exchange feeds which queue.</summary>
    private static readonly (string Exchange, string Queue)[] Feeds =
    [
        (Exchanges.DeviceRegistered, QueueNames.DeviceRegistry),
        (Exchanges.DeviceUnregistered, QueueNames.DeviceRegistry),
        (Exchanges.AudienceChanged, QueueNames.DeviceRegistry),
        (Exchanges.DeadTokensFound, QueueNames.TokenFeedback),
    ];

    public static IReadOnlyList<QueueDefinition> Queues { get; } =
    [
        .. QueueNames.Returning.Select(name => new QueueDefinition(name, WorkArguments)),
        new QueueDefinition(QueueNames.TokenQuarantine, WaitArguments(QueueNames.BetweenLooksAtQuarantine)),
        new QueueDefinition(QueueNames.Parked, ParkedArguments),
        .. WaitTier.All.Select(tier => new QueueDefinition(tier.QueueName, WaitArguments(tier.Delay))),
    ];

    public static IReadOnlyList<ExchangeDefinition> AllExchanges { get; } =
    [
        .. Inboxes.Concat(Queues.Select(queue => queue.Name)).Distinct().Select(name => new ExchangeDefinition(name, "fanout")),
        .. Results.Select(name => new ExchangeDefinition(name, "topic")),
        new ExchangeDefinition(QueueNames.WorkExchange, "direct"),
    ];

    public static IReadOnlyList<BindingDefinition> Bindings { get; } =
    [
        .. Queues.Select(queue => new BindingDefinition(queue.Name, queue.Name, ToQueue: true, "")),
        .. Feeds.Select(feed => new BindingDefinition(feed.Exchange, feed.Queue, ToQueue: false, "")),
        .. QueueNames.Returning.Select(name => new BindingDefinition(QueueNames.WorkExchange, name, ToQueue: false, name)),
    ];

    private static Dictionary<string, object?> WaitArguments(TimeSpan delay) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = (int)delay.TotalMilliseconds,
        ["x-dead-letter-exchange"] = QueueNames.WorkExchange,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };
}

namespace PushFanout.Worker.Messaging;

/// <summary>What differs between RabbitMQ and the in-memory transport: how a message gets to a queue after a while.</summary>
internal interface IBrokerAddresses
{
    /// <summary>Where a message goes that shall be in <paramref name="queue"/> after the tier's time.</summary>
    /// <returns>The address, the routing key that must be kept, and the delay that the transport itself makes (null when a queue makes it).</returns>
    (Uri Address, string RoutingKey, TimeSpan? Delay) Waiting(WaitTier tier, string queue);

    /// <summary>Where a report of tokens goes that an operator has to decide about; feedback looks at it again and again.</summary>
    (Uri Address, string RoutingKey, TimeSpan? Delay) Quarantine { get; }
}

/// <summary>Wait queues with a time to live, dead-lettered by the kept routing key through <see cref="QueueNames.WorkExchange"/>.</summary>
internal sealed class RabbitMqAddresses : IBrokerAddresses
{
    public (Uri Address, string RoutingKey, TimeSpan? Delay) Waiting(WaitTier tier, string queue) =>
        (new Uri("exchange:" + tier.QueueName), queue, null);

    public (Uri Address, string RoutingKey, TimeSpan? Delay) Quarantine => (new Uri("exchange:" + QueueNames.TokenQuarantine), QueueNames.TokenFeedback, null);
}

/// <summary>The in-memory transport delays by itself.</summary>
internal sealed class InMemoryAddresses : IBrokerAddresses
{
    public (Uri Address, string RoutingKey, TimeSpan? Delay) Waiting(WaitTier tier, string queue) =>
        (new Uri("exchange:" + queue), queue, tier.Delay);

    public (Uri Address, string RoutingKey, TimeSpan? Delay) Quarantine =>
        (new Uri("exchange:" + QueueNames.TokenFeedback), QueueNames.TokenFeedback, QueueNames.BetweenLooksAtQuarantine);
}

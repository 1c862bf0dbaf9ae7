namespace PushFanout.Contracts;

/// <summary>
/// The exchanges of the public messages. Where MassTransit publishes they are fanout exchanges, except
/// <see cref="NotificationRejected"/>, <see cref="NotificationCompleted"/> and <see cref="DevicesRetired"/>: those are topic
/// exchanges, with the routing keys of <see cref="RoutingKey"/>.
/// </summary>
public static class Exchanges
{
    /// <summary>Takes <see cref="Contracts.NotificationRequested"/>.</summary>
    public const string NotificationRequested = "pushfanout.notification-requested";
    /// <summary>Takes <see cref="Contracts.NotificationControl"/>.</summary>
    public const string NotificationControl = "pushfanout.notification-control";
    /// <summary>Takes <see cref="Contracts.DeviceRegistered"/>.</summary>
    public const string DeviceRegistered = "pushfanout.device-registered";
    /// <summary>Takes <see cref="Contracts.DeviceUnregistered"/>.</summary>
    public const string DeviceUnregistered = "pushfanout.device-unregistered";
    /// <summary>Takes <see cref="Contracts.AudienceChanged"/>.</summary>
    public const string AudienceChanged = "pushfanout.audience-changed";
    /// <summary>Takes <see cref="Contracts.DeadTokensFound"/>; written and read by workers.</summary>
    public const string DeadTokensFound = "pushfanout.dead-tokens-found";
    /// <summary>Gives <see cref="Contracts.NotificationRejected"/>; a topic exchange.</summary>
    public const string NotificationRejected = "pushfanout.notification-rejected";
    /// <summary>Gives <see cref="Contracts.NotificationCompleted"/>; a topic exchange.</summary>
    public const string NotificationCompleted = "pushfanout.notification-completed";
    /// <summary>Gives <see cref="Contracts.DevicesRetired"/>; a topic exchange.</summary>
    public const string DevicesRetired = "pushfanout.devices-retired";
}

using Microsoft.Extensions.Logging;
using PushFanout.Contracts;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Intake;

/// <summary>Tells the service that asked everything that is wrong with its request, at once.</summary>
internal sealed partial class RequestRefusal(MessageSender sender, FanoutMetrics metrics, TimeProvider clock, Hosting.AppCatalog apps, ILogger<RequestRefusal> logger)
{
    /// <summary>First word of the routing key when the app could not be read.</summary>
    public const string UnknownApp = "unknown";

    public static ContractFault IdConflict { get; } = new("notificationId", FaultCodes.IdConflict, "This notification id was used for another content before.");

    public async Task RefuseAsync(MessageOrigin origin, IReadOnlyList<ContractFault> faults, CancellationToken cancellationToken)
    {
        var rejected = new NotificationRejected
        {
            NotificationId = origin.NotificationId ?? throw new ArgumentException("without an id there is nobody to tell", nameof(origin)),
            App = origin.App,
            Source = origin.Source,
            Reference = origin.Reference,
            Faults = faults,
            RejectedAt = clock.GetUtcNow(),
        };
        await sender.PublishAsync(Exchanges.NotificationRejected, RoutingKey.Of(origin.App ?? UnknownApp, origin.Source), rejected, messageId: null, cancellationToken);
        metrics.RequestReceived(apps.Find(origin.App ?? "")?.Name ?? UnknownApp, "rejected");
        Refused(logger, rejected.NotificationId, string.Join(", ", faults.Take(10).Select(fault => $"{fault.Field}: {fault.Code}")));
    }

    [LoggerMessage(2002, LogLevel.Information, "Notification {NotificationId} refused: {Faults}")]
    private static partial void Refused(ILogger logger, Guid notificationId, string faults);
}

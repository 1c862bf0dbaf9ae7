using PushFanout.Contracts;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Intake;

/// <summary>Works out, from a request and its app, what every push of it has in common. The same answer on every worker and every delivery.</summary>
internal static class PushTemplates
{
    /// <param name="requestedAt">When the first worker saw the request, as the ledger keeps it.</param>
    public static PushTemplate Of(NotificationRequested request, AppOptions app, DateTimeOffset requestedAt)
    {
        var type = PushTypes.Of(request.PushType);
        var deadline = request.Deadline ?? (request.NotBefore is { } start && start > requestedAt ? start : requestedAt) + app.DefaultDeadline;
        return new PushTemplate(
            request.App,
            request.Source,
            PushTypes.TopicOf(app.Topic, request.PushType),
            type.Name,
            request.Priority ?? type.DefaultPriority,
            request.CollapseId ?? request.NotificationId.ToString("N"),
            request.StoreIfOffline ? request.Expiration?.ToUnixTimeSeconds() : 0,
            requestedAt,
            request.NotBefore,
            request.Expiration is { } expiration && expiration < deadline ? expiration : deadline,
            request.DryRun,
            request.PushesPerSecond);
    }

    /// <summary>The queue lane of a request that does not go the short way.</summary>
    public static Messaging.Lane LaneOf(NotificationRequested request) => request.Lane switch
    {
        Contracts.Lane.Urgent => Messaging.Lane.Urgent,
        Contracts.Lane.Normal => Messaging.Lane.Normal,
        Contracts.Lane.Bulk => Messaging.Lane.Bulk,
        _ => throw new ArgumentOutOfRangeException(nameof(request), request.Lane, null),
    };
}

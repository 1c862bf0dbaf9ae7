using PushFanout.Worker.Explain;
using PushFanout.Worker.Parked;

namespace PushFanout.Worker.Http;

/// <summary>What one address does with one method.</summary>
/// <param name="Name">The name that generated clients give it.</param>
/// <param name="Answers">The types that it answers with, by status; null for one that is no JSON.</param>
/// <param name="Refusals">Statuses of problems, beside those that every address of the API has.</param>
internal sealed record ApiOperation(string Method, string Path, string Name, string Summary, IReadOnlyDictionary<int, Type?> Answers, params IReadOnlyList<int> Refusals)
{
    /// <summary>The schema of the body; null without one.</summary>
    public string? Body { get; init; }

    /// <summary>Below <c>/api</c>: with the key, within the rate limit, and dependent on the servers.</summary>
    public bool IsOfApi => Path.StartsWith("/api/", StringComparison.Ordinal);

    /// <summary>Everything that is served; a test compares it with the routes.</summary>
    public static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("post", "/api/notifications", "publish", "Publishes a request. Given again with the same notificationId, or without one and the same Idempotency-Key, it is not sent again.",
            One<PublishedAnswer>(202), 400, 413, 415, 422) { Body = ApiSchemas.NotificationRequested },
        new("get", "/api/notifications", "listNotifications", "The latest notifications, newest first, a page at a time.", One<NotificationsAnswer>(), 422),
        new("get", "/api/notifications/{id}", "readNotification", "One notification with its counts by outcome and reason.", One<NotificationView>(), 404),
        Steer("pause", "Lets a notification rest."),
        Steer("resume", "Lets a notification go on, also when the brake of its app holds it."),
        Steer("cancel", "Ends a notification: what is not sent is cancelled. Final."),
        new("post", "/api/notifications/{id}/explain", "explain", "Why a device did not get it; the body has one of token, deviceId and userId.", One<Explanation>(), 400, 404, 413, 415, 422)
        {
            Body = ApiSchemas.DeviceUnregistered,
        },
        new("get", "/api/apps", "listApps", "The apps that this worker serves.", One<AppsAnswer>()),
        new("get", "/api/apps/{app}/audiences", "listAudiences", "The audiences of an app and how many devices each has.", One<AudiencesAnswer>(), 404),
        new("post", "/api/apps/{app}/devices", "registerDevice", "Registers or renews a device.", One<RegisteredAnswer>(), 400, 404, 413, 415, 422) { Body = ApiSchemas.DeviceRegistered },
        new("post", "/api/apps/{app}/devices/remove", "removeDevices", "Removes a device, by token or deviceId, or all devices of a user.", One<RemovedAnswer>(), 400, 404, 413, 415, 422)
        {
            Body = ApiSchemas.DeviceUnregistered,
        },
        new("get", "/api/apps/{app}/brake", "readBrake", "How the brake of an app stands.", One<BrakeView>(), 404),
        Brake("resume", "Sends of the app go on; tokens in quarantine stay there."),
        Brake("release", "Sends go on; tokens in quarantine are removed, each unless its device has registered since."),
        Brake("discard", "Sends go on; tokens in quarantine are kept."),
        new("get", "/api/parked", "listParked", "Messages that were put aside for an operator, the oldest first.", One<ParkedListAnswer>(), 422, 501),
        new("post", "/api/parked/show", "showParked", "One of them, with what is in it when asked for.", One<ParkedShownAnswer>(), 400, 404, 413, 415, 422, 501) { Body = ApiSchemas.ParkedShow },
        new("post", "/api/parked/requeue", "requeueParked", "Puts parked messages back where they came from, as they were.", One<ParkedMoved>(), 400, 413, 415, 422, 501) { Body = ApiSchemas.ParkedMove },
        new("post", "/api/parked/discard", "discardParked", "Removes parked messages for good.", One<ParkedMoved>(), 400, 413, 415, 422, 501) { Body = ApiSchemas.ParkedMove },
        new("get", "/health/live", "live", "Whether the process is alive; asks nobody.", Text()),
        new("get", "/health/ready", "ready", "Whether the servers that the worker needs can be used.", new Dictionary<int, Type?> { [200] = typeof(ReadinessReport), [503] = typeof(ReadinessReport) }),
        new("get", "/metrics", "metrics", "Metrics as Prometheus reads them.", Text()),
        new("get", OpenApiDocument.Path, "openApi", "This document.", Text()),
        new("get", "/", "overview", "A page with the latest notifications.", Text()),
    ];

    private static ApiOperation Steer(string action, string summary) => new(
        "post", "/api/notifications/{id}/" + action, action, summary + " 202 for one that was not seen yet: the action waits for it.",
        new Dictionary<int, Type?> { [200] = typeof(SteeringAnswer), [202] = typeof(SteeringAnswer) });

    private static ApiOperation Brake(string decision, string summary) =>
        new("post", "/api/apps/{app}/brake/" + decision, decision + "Brake", summary, One<BrakeView>(), 404);

    private static Dictionary<int, Type?> One<T>(int status = 200) => new() { [status] = typeof(T) };

    private static Dictionary<int, Type?> Text() => new() { [200] = null };
}

using System.Diagnostics;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// One span for each delivery. That of a request continues the trace of its publisher. What follows from it, and may be thousands of batches over
/// hours, are traces of their own, each with a link to the request: a single trace of a broadcast could be neither stored nor read. Names and
/// attributes by OpenTelemetry's semantic conventions for messaging, 1.38.
/// </summary>
internal static class StageSpans
{
    /// <returns>Null when nobody listens, or the request is not traced.</returns>
    public static Activity? Start(string queue, Trail trail, int bodyBytes)
    {
        if (!FanoutActivities.Source.HasListeners() || (trail.Request != default && !trail.IsTraced))
        {
            return null;
        }
        var isRequest = queue == QueueNames.NotificationRequested;
        Activity.Current = null; // whatever the transport has open has its own idea of who caused what
        var span = FanoutActivities.Source.StartActivity(
            $"process {queue}", ActivityKind.Consumer, isRequest ? trail.Request : default,
            links: isRequest || trail.Request == default ? null : [new ActivityLink(trail.Request)]);
        return span?
            .SetTag("messaging.system", "rabbitmq").SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", queue).SetTag("messaging.message.body.size", bodyBytes);
    }

    public static void End(Activity? span, Disposition disposition)
    {
        var (word, reason) = disposition switch
        {
            Disposition.LaterDisposition later => ("later", later.Reason),
            Disposition.HandBackDisposition => ("handed back", null),
            Disposition.ParkDisposition park => ("parked", park.Kind),
            _ => ("done", null),
        };
        span?.SetTag("pushfanout.disposition", word);
        if (reason is not null)
        {
            span?.SetTag("pushfanout.reason", reason).SetStatus(word == "parked" || reason == "failure" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        }
    }

    /// <summary>Says in the span of the delivery in hand what it is about.</summary>
    public static void Describe(Guid notification, string app) => Own?.SetTag("pushfanout.notification_id", notification.ToString()).SetTag(Tags.App, app);

    public static void Describe(ExpandRange range, string app)
    {
        Describe(range.NotificationId, app);
        Own?.SetTag(Tags.Lane, range.Lane.Word()).SetTag("pushfanout.range", range.Range);
    }

    public static void Describe(PushBatch batch)
    {
        Describe(batch.Key.Notification, batch.Template.App);
        Own?.SetTag(Tags.Lane, batch.Lane.Word()).SetTag("pushfanout.range", batch.Key.Range).SetTag("pushfanout.batch", batch.Key.Index)
            .SetTag("pushfanout.attempt", batch.Attempt).SetTag("pushfanout.tokens", batch.Tokens.Count);
    }

    /// <summary>All pushes of a batch in one span: one for each would cost more than the push. The path has the token, so only its template is named.</summary>
    public static Activity? StartPushes(string server, int tokens) => Own is null
        ? null
        : FanoutActivities.Source.StartActivity("POST /3/device/{token}", ActivityKind.Client)?
            .SetTag("http.request.method", "POST").SetTag("url.template", "/3/device/{token}").SetTag("server.address", server).SetTag("pushfanout.tokens", tokens);

    private static Activity? Own => Activity.Current is { } span && span.Source == FanoutActivities.Source ? span : null;
}

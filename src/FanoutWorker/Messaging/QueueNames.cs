namespace PushFanout.Worker.Messaging;

/// <summary>The queues of the pipeline; what each means when it is not empty is in <c>docs/architecture.md</c>.</summary>
internal static class QueueNames
{
    public const string NotificationRequested = "pushfanout.notification-requested";
    public const string NotificationControl = "pushfanout.notification-control";
    public const string DeviceRegistry = "pushfanout.device-registry";
    public const string TokenFeedback = "pushfanout.token-feedback";
    public const string TokenQuarantine = "pushfanout.token-quarantine";
    /// <summary>How long a report rests in quarantine before feedback looks whether an operator has decided.</summary>
    public static readonly TimeSpan BetweenLooksAtQuarantine = TimeSpan.FromSeconds(30);

    public const string Parked = "pushfanout.parked";

    /// <summary>Direct exchange that leads, by routing key, from a wait queue back to the queue of that name.</summary>
    public const string WorkExchange = "pushfanout.work";

    /// <summary>Every queue that a wait queue can lead back to.</summary>
    public static IEnumerable<string> Returning =>
    [
        NotificationRequested, NotificationControl, DeviceRegistry, TokenFeedback,
        .. Enum.GetValues<Lane>().Where(lane => lane != Lane.Short).Select(ExpandRange),
        .. Enum.GetValues<Lane>().Select(PushBatch),
    ];

    public static string ExpandRange(Lane lane) => lane switch
    {
        Lane.Urgent => "pushfanout.expand-range.urgent",
        Lane.Normal => "pushfanout.expand-range.normal",
        Lane.Bulk => "pushfanout.expand-range.bulk",
        Lane.Short => throw new ArgumentOutOfRangeException(nameof(lane), lane, "what goes the short way is not expanded"),
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, null),
    };

    public static string PushBatch(Lane lane) => lane switch
    {
        Lane.Short => "pushfanout.push-batch.short",
        Lane.Urgent => "pushfanout.push-batch.urgent",
        Lane.Normal => "pushfanout.push-batch.normal",
        Lane.Bulk => "pushfanout.push-batch.bulk",
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, null),
    };
}

using System.Text.Json.Serialization;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>
/// Pauses, resumes or cancels a notification. One for an id that no worker has seen yet is kept and holds when the request arrives.
/// </summary>
[EntityName(Exchanges.NotificationControl)]
[MessageUrn("pushfanout:notification-control:v1", useDefaultPrefix: false)]
public sealed record NotificationControl : CorrelatedBy<Guid>
{
    /// <summary>Which notification.</summary>
    public required Guid NotificationId { get; init; }
    /// <summary>What to do.</summary>
    [JsonConverter(typeof(WordConverter<ControlAction>))]
    public required ControlAction Action { get; init; }
    /// <summary>When the operator decided. Of two, the later wins, whatever order they arrive in; a cancel always wins.</summary>
    public required DateTimeOffset At { get; init; }

    Guid CorrelatedBy<Guid>.CorrelationId => NotificationId;
}

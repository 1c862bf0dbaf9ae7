using MassTransit;

namespace PushFanout.Contracts;

/// <summary>A request was refused and nothing was sent. It names every fault at once. Routing key <c>&lt;app&gt;.&lt;source&gt;</c>.</summary>
[EntityName(Exchanges.NotificationRejected)]
[MessageUrn("pushfanout:notification-rejected:v1", useDefaultPrefix: false)]
public sealed record NotificationRejected : CorrelatedBy<Guid>
{
    /// <summary>The id of the request.</summary>
    public required Guid NotificationId { get; init; }
    /// <summary>The app, when it could be read.</summary>
    public string? App { get; init; }
    /// <summary>The source, when it was given and could be read.</summary>
    public string? Source { get; init; }
    /// <summary>The reference, when it was given and could be read.</summary>
    public string? Reference { get; init; }
    /// <summary>What was wrong, at least one entry.</summary>
    public required IReadOnlyList<ContractFault> Faults { get; init; }
    /// <summary>When it was refused.</summary>
    public required DateTimeOffset RejectedAt { get; init; }

    Guid CorrelatedBy<Guid>.CorrelationId => NotificationId;
}

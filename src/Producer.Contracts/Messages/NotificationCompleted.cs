using System.Text.Json.Serialization;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>
/// A notification is done and every token of its audience is accounted for: <see cref="Audience"/> is the sum of
/// <see cref="Outcomes"/>. Published once; a repetition after a crash is identical. Routing key <c>&lt;app&gt;.&lt;source&gt;</c>.
/// </summary>
[EntityName(Exchanges.NotificationCompleted)]
[MessageUrn("pushfanout:notification-completed:v1", useDefaultPrefix: false)]
public sealed record NotificationCompleted : CorrelatedBy<Guid>
{
    /// <summary>The id of the request.</summary>
    public required Guid NotificationId { get; init; }
    /// <summary>The app.</summary>
    public required string App { get; init; }
    /// <summary>The source of the request, when it was given.</summary>
    public string? Source { get; init; }
    /// <summary>The reference of the request, when it was given.</summary>
    public string? Reference { get; init; }
    /// <summary>How it ended.</summary>
    [JsonConverter(typeof(WordConverter<FinalState>))]
    public required FinalState State { get; init; }
    /// <summary>How many devices it was for.</summary>
    public required long Audience { get; init; }
    /// <summary>Devices by outcome.</summary>
    public required OutcomeTotals Outcomes { get; init; }
    /// <summary>Devices by reason, where the outcome has one: APNs' words, for example <c>Unregistered</c>. Reasons that did not occur are left out.</summary>
    public IReadOnlyDictionary<string, long> Reasons { get; init; } = new Dictionary<string, long>();
    /// <summary>
    /// Pushes that may have reached APNs twice, because the first was never answered. They carry the same collapse id, so a device shows one.
    /// </summary>
    public long Ambiguous { get; init; }
    /// <summary>Entries of the request's token list that are no tokens; not part of <see cref="Audience"/>.</summary>
    public long Malformed { get; init; }
    /// <summary>Users of the request without a device; not part of <see cref="Audience"/>.</summary>
    public long UsersWithoutDevices { get; init; }
    /// <summary>When the producer sent the request, when that is known.</summary>
    public DateTimeOffset? RequestedAt { get; init; }
    /// <summary>When a worker accepted the request.</summary>
    public required DateTimeOffset PlannedAt { get; init; }
    /// <summary>When the first push was sent; not given when none was.</summary>
    public DateTimeOffset? FirstPushAt { get; init; }
    /// <summary>When the last token was settled.</summary>
    public required DateTimeOffset CompletedAt { get; init; }
    /// <summary>False when Redis lost part of the books on the way: the totals then may count a device twice.</summary>
    public bool Exact { get; init; } = true;
    /// <summary>The request was a dry run: nothing was sent.</summary>
    public bool DryRun { get; init; }

    Guid CorrelatedBy<Guid>.CorrelationId => NotificationId;

    /// <summary>Whether the books balance: no device is missing and none counted twice.</summary>
    public bool IsBalanced() => Audience == Outcomes.Sum();
}

/// <summary>Devices by what finally became of them.</summary>
public sealed record OutcomeTotals
{
    /// <summary>APNs took the push. Delivery to the device is not promised.</summary>
    public long Accepted { get; init; }
    /// <summary>APNs says that the app is gone from the device; the token is removed unless it was registered again.</summary>
    public long Unregistered { get; init; }
    /// <summary>APNs refused the push for this token.</summary>
    public long Rejected { get; init; }
    /// <summary>The deadline or expiration passed first.</summary>
    public long Expired { get; init; }
    /// <summary>An operator cancelled first.</summary>
    public long Cancelled { get; init; }
    /// <summary>All attempts failed for reasons that have nothing to do with the device.</summary>
    public long Undeliverable { get; init; }

    /// <summary>All of them together.</summary>
    public long Sum() => Accepted + Unregistered + Rejected + Expired + Cancelled + Undeliverable;
}

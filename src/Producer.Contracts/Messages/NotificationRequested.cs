using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using MassTransit;

namespace PushFanout.Contracts;

/// <summary>
/// Asks for one notification to every device of an audience. Published once; publishing it again with the same id and content
/// changes nothing, with the same id and other content it is refused (<see cref="FaultCodes.IdConflict"/>).
/// </summary>
[EntityName(Exchanges.NotificationRequested)]
[MessageUrn("pushfanout:notification-requested:v1", useDefaultPrefix: false)]
public sealed record NotificationRequested : CorrelatedBy<Guid>
{
    /// <summary>Longest <see cref="CollapseId"/>, in bytes of UTF-8.</summary>
    public const int MaxCollapseIdBytes = 64;
    /// <summary>Longest <see cref="Reference"/>, in UTF-16 code units.</summary>
    public const int MaxReferenceLength = 200;
    /// <summary>Highest <see cref="PushesPerSecond"/>.</summary>
    public const int MaxPushesPerSecond = 1_000_000;
    /// <summary>How far ahead <see cref="Expiration"/>, <see cref="NotBefore"/> and <see cref="Deadline"/> may lie: APNs stores no longer.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(30);

    /// <summary>Names the notification everywhere and makes publishing it again harmless. Not all zero.</summary>
    public required Guid NotificationId { get; init; }
    /// <summary>The app as configured at the workers: one bundle in one environment, for example <c>shop-ios</c>.</summary>
    [RegularExpression(ContractNames.AppPattern)]
    public required string App { get; init; }
    /// <summary>Who gets it.</summary>
    public required Audience Audience { get; init; }
    /// <summary>The JSON for the device, at most 4096 bytes when minified (<see cref="PushType.Voip"/>: 5120).</summary>
    [JsonConverter(typeof(PushPayloadConverter))]
    public required PushPayload Payload { get; init; }
    /// <summary>What kind of push it is. Default <see cref="PushType.Alert"/>.</summary>
    [JsonConverter(typeof(WordConverter<PushType>))]
    public PushType PushType { get; init; }
    /// <summary>Its place among other notifications. Default <see cref="Lane.Normal"/>.</summary>
    [JsonConverter(typeof(WordConverter<Lane>))]
    public Lane Lane { get; init; }
    /// <summary>
    /// 10: now; 5: when it suits the device's battery; 1: never wakes the device. Not given, the push type decides
    /// (<see cref="PushTypeRules.DefaultPriority"/>).
    /// </summary>
    [AllowedValues(1, 5, 10)]
    public int? Priority { get; init; }
    /// <summary>A later push with the same collapse id replaces an earlier one on the device. 1–64 bytes of UTF-8; by default derived from <see cref="NotificationId"/>.</summary>
    [StringLength(MaxCollapseIdBytes, MinimumLength = 1)]
    public string? CollapseId { get; init; }
    /// <summary>
    /// Until when APNs may store the push for a device that is offline; at most 30 days ahead. When it has passed the notification
    /// ends as <see cref="FinalState.Expired"/>. Not given, APNs decides (up to 30 days).
    /// </summary>
    public DateTimeOffset? Expiration { get; init; }
    /// <summary>False: APNs tries once and stores nothing; <see cref="Expiration"/> must then not be given. Default true.</summary>
    public bool StoreIfOffline { get; init; } = true;
    /// <summary>Nothing is sent before; at most 30 days ahead.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    /// <summary>
    /// Nothing is sent after; at most 30 days ahead and after <see cref="NotBefore"/>. Not given: the app's default (6 h), counted from
    /// <see cref="NotBefore"/> or the arrival.
    /// </summary>
    public DateTimeOffset? Deadline { get; init; }
    /// <summary>Most pushes per second over all workers, 1–1,000,000. Not given, the app's limit alone counts.</summary>
    [Range(1, MaxPushesPerSecond)]
    public int? PushesPerSecond { get; init; }
    /// <summary>A guard: with more devices than this nothing is sent and the request is refused. At least 1.</summary>
    [Range(typeof(long), "1", "9223372036854775807")]
    public long? MaxAudience { get; init; }
    /// <summary>Everything but the sending: the audience is read and counted, and the notification completes. Default false.</summary>
    public bool DryRun { get; init; }
    /// <summary>What is published at the end. Default <see cref="Report.Summary"/>.</summary>
    [JsonConverter(typeof(WordConverter<Report>))]
    public Report Report { get; init; }
    /// <summary>The service that asks (<see cref="ContractNames.SourcePattern"/>); the last word of the routing key of the answers.</summary>
    [RegularExpression(ContractNames.SourcePattern)]
    public string? Source { get; init; }
    /// <summary>Anything the service wants back with the answers, up to 200 characters without control characters.</summary>
    [StringLength(MaxReferenceLength, MinimumLength = 1)]
    public string? Reference { get; init; }

    Guid CorrelatedBy<Guid>.CorrelationId => NotificationId;

    /// <summary>Whether <see cref="Deadline"/> or <see cref="Expiration"/> has passed: not a fault, but nothing may be sent any more.</summary>
    public bool HasExpiredBy(DateTimeOffset now) => Deadline <= now || Expiration <= now;

    /// <summary>Id and app; never the payload, a user or a token.</summary>
    public override string ToString() => $"notification {NotificationId} for {App}";
}

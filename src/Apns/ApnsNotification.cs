namespace PushFanout.Apns;

/// <summary>Everything of a push but the device token; made once and sent to many. Checked when made: <see cref="ApnsClient"/> trusts it.</summary>
public sealed class ApnsNotification
{
    /// <summary>The body: UTF-8 JSON, at most 4096 bytes (voip 5120).</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }
    /// <summary><c>apns-topic</c>, with the suffix that the push type asks for.</summary>
    public required string Topic { get; init; }
    /// <summary><c>apns-push-type</c>, for example <c>alert</c>.</summary>
    public required string PushType { get; init; }
    /// <summary><c>apns-priority</c>: 10, 5 or 1; null leaves the header out (APNs takes 10).</summary>
    public int? Priority { get; init; }
    /// <summary><c>apns-collapse-id</c>, at most 64 bytes of UTF-8; null leaves the header out.</summary>
    public string? CollapseId { get; init; }
    /// <summary><c>apns-expiration</c> in Unix seconds; 0 means "try once, never store"; null leaves the header out (APNs stores up to 30 days).</summary>
    public long? ExpirationUnixSeconds { get; init; }
    /// <summary>
    /// When given, each push carries the <c>apns-id</c> <see cref="ApnsId.For"/> of this and its token: the same push sent again has
    /// the same id. When null no <c>apns-id</c> is sent.
    /// </summary>
    public Guid? IdSeed { get; init; }
    /// <summary>Names topic and size, never the payload.</summary>
    public override string ToString() => $"{PushType} push for {Topic}, {Payload.Length} bytes";
}

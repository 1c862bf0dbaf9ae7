namespace PushFanout.Worker.Messaging;

/// <summary>A delivery as the broker handed it over, not yet read.</summary>
/// <param name="Queue">The queue it came from.</param>
/// <param name="Exchange">The exchange that the publisher named; kept over all waits. Empty when it is not known.</param>
/// <param name="Body">The body's bytes.</param>
/// <param name="ContentType">The media type given, in lower case and without parameters; empty when none was given.</param>
/// <param name="MessageId">The message id given, or null.</param>
/// <param name="Failures">How often a worker failed on this message for no reason that it knows.</param>
/// <param name="SentAt">When the publisher says it was sent; null when it does not say.</param>
/// <param name="QuarantinedAt">When it went into quarantine; null when it was not there.</param>
internal sealed record IncomingMessage(
    string Queue, string Exchange, ReadOnlyMemory<byte> Body, string ContentType, Guid? MessageId, int Failures, DateTimeOffset? SentAt,
    DateTimeOffset? QuarantinedAt = null)
{
    public override string ToString() => $"message of {Body.Length} bytes from {Queue}";
}

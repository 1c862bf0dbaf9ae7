namespace PushFanout.Worker.Messaging;

/// <summary>Headers that the worker sets on messages it puts back or aside.</summary>
internal static class MessageHeaders
{
    /// <summary>How often a worker failed on the message without knowing why.</summary>
    public const string Failures = "pushfanout-failures";

    /// <summary>When the first publisher sent it; kept over all waits.</summary>
    public const string FirstSentAt = "pushfanout-first-sent-at";

    /// <summary>The exchange that the first publisher named; kept over all waits, for a wait queue's own exchange takes its place.</summary>
    public const string Exchange = "pushfanout-exchange";

    /// <summary>When its tokens went into quarantine, ISO 8601; kept from look to look.</summary>
    public const string QuarantinedAt = "pushfanout-quarantined-at";

    /// <summary>Why it is parked.</summary>
    public const string ParkedReason = "pushfanout-parked-reason";

    /// <summary>The queue it came from: <c>pushfanout parked requeue</c> puts it back there.</summary>
    public const string ParkedFrom = "pushfanout-parked-from";

    /// <summary>When it was parked, ISO 8601.</summary>
    public const string ParkedAt = "pushfanout-parked-at";
}

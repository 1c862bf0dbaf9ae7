namespace PushFanout.ApnsSimulator;

/// <summary>What a fault does.</summary>
public enum FaultKind
{
    /// <summary>Answers something of the test's choice.</summary>
    Answer,
    /// <summary>Accepts, and answers later than usual.</summary>
    Delay,
    /// <summary>Never answers; the connection stays and answers its PINGs.</summary>
    Stall,
    /// <summary>Ends the stream by RST_STREAM.</summary>
    ResetStream,
    /// <summary>Ends the connection without a word.</summary>
    DropConnection,
    /// <summary>Accepts and answers, and ends the connection gracefully by GOAWAY.</summary>
    GoAway,
}

/// <summary>Something that can happen to a push that every check has let pass.</summary>
public sealed record Fault
{
    /// <summary>HTTP/2's error code for a stream that was provably not handled.</summary>
    public const int RefusedStream = 7;

    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>What it does.</summary>
    public FaultKind Kind { get; }
    /// <summary>True: the push is accepted and recorded before anything breaks, so that the sender cannot know.</summary>
    public bool AcceptFirst { get; private init; }
    internal PushReply? Reply { get; private init; }
    internal TimeSpan Time { get; private init; }
    internal int ErrorCode { get; private init; }

    /// <summary>An answer with one of APNs' reasons, or with any other.</summary>
    public static Fault Answer(int status, string? reason = null, DateTimeOffset? timestamp = null, TimeSpan? retryAfter = null) =>
        Answer(new PushReply(status, reason, timestamp, retryAfter));

    /// <summary>An answer made by the caller.</summary>
    public static Fault Answer(PushReply reply) => new(FaultKind.Answer) { Reply = reply };

    /// <summary>Accepts, and answers this much later.</summary>
    public static Fault Delay(TimeSpan time) => new(FaultKind.Delay) { AcceptFirst = true, Time = time };

    /// <summary>Never answers.</summary>
    public static Fault Stall(bool acceptFirst = false) => new(FaultKind.Stall) { AcceptFirst = acceptFirst };

    /// <summary>Resets the stream; by default with REFUSED_STREAM, which promises that the push was not handled.</summary>
    public static Fault ResetStream(int errorCode = RefusedStream, bool acceptFirst = false) =>
        new(FaultKind.ResetStream) { ErrorCode = errorCode, AcceptFirst = acceptFirst };

    /// <summary>Drops the connection and everything under way on it.</summary>
    public static Fault DropConnection(bool acceptFirst = false) => new(FaultKind.DropConnection) { AcceptFirst = acceptFirst };

    /// <summary>Accepts the push, records it, and drops the connection before the answer.</summary>
    public static Fault LoseAnswer() => DropConnection(acceptFirst: true);

    /// <summary>Accepts and answers, and closes the connection gracefully.</summary>
    public static Fault GoAway() => new(FaultKind.GoAway) { AcceptFirst = true };
}

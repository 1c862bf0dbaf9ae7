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
    /// <summary>Accepts and answers, and ends the connection by GOAWAY.</summary>
    GoAway,
    /// <summary>Begins to answer, and ends the stream by RST_STREAM in the middle of the body.</summary>
    ResetAnswer,
    /// <summary>Begins to answer, and ends the connection in the middle of the body.</summary>
    CutAnswer,
    /// <summary>Accepts and answers, and from then on the connection has another stream limit.</summary>
    LimitStreams,
}

/// <summary>Something that can happen to a push that every check has let pass.</summary>
public sealed record Fault
{
    /// <summary>HTTP/2's error code for a stream that was provably not handled.</summary>
    public const int RefusedStream = 7;
    private const int InternalError = 2;

    private Fault(FaultKind kind) => Kind = kind;

    /// <summary>What it does.</summary>
    public FaultKind Kind { get; }
    /// <summary>True: the push is accepted and recorded before anything breaks, so that the sender cannot know.</summary>
    public bool AcceptFirst { get; private init; }
    internal PushReply? Reply { get; private init; }
    internal TimeSpan Time { get; private init; }
    internal int ErrorCode { get; private init; }
    internal int StreamLimit { get; private init; }
    internal GoAwayFrame? Frame { get; private init; }

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

    /// <summary>Accepts and answers, and closes the connection; one that is to be dropped carries no answer any more.</summary>
    public static Fault GoAway(GoAwayFrame? frame = null) => new(FaultKind.GoAway) { AcceptFirst = true, Frame = frame ?? new() };

    /// <summary>Sends the head of a refusal and half of its body, and resets the stream.</summary>
    public static Fault ResetAnswer(PushReply reply, int errorCode = InternalError) => new(FaultKind.ResetAnswer) { Reply = WithBody(reply), ErrorCode = errorCode };

    /// <summary>Sends the head of a refusal and half of its body, and ends the connection.</summary>
    public static Fault CutAnswer(PushReply reply) => new(FaultKind.CutAnswer) { Reply = WithBody(reply) };

    /// <summary>Accepts and answers, and gives the connection another stream limit, down to none, whatever its rules say.</summary>
    public static Fault LimitStreams(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return new(FaultKind.LimitStreams) { AcceptFirst = true, StreamLimit = limit };
    }

    private static PushReply WithBody(PushReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return !reply.Body.IsEmpty ? reply : throw new ArgumentException("An answer without a body has no middle.", nameof(reply));
    }
}

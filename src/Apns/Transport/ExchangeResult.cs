using PushFanout.Apns.Answers;

namespace PushFanout.Apns.Transport;

/// <summary>How a request ended on the wire.</summary>
internal enum ExchangeEnd : byte
{
    /// <summary>A status line came.</summary>
    Answered,
    /// <summary>Provably not handled: the server refused the stream, or ended it before it had the whole request.</summary>
    Refused,
    /// <summary>Provably not handled: the request was never handed to the network as a whole, or the server said it ignored it.</summary>
    NotSent,
    /// <summary>Handed to the network; no answer, and none will come.</summary>
    Lost,
}

/// <summary>What became of an error's body.</summary>
internal enum BodyEnd : byte
{
    Complete,
    /// <summary>Longer than we read.</summary>
    TooLong,
    /// <summary>The stream or its deadline ended first.</summary>
    Interrupted,
}

/// <summary>What became of one push on the wire.</summary>
internal readonly record struct ExchangeResult
{
    public required ExchangeEnd End { get; init; }
    public int Status { get; init; }
    public BodyEnd Body { get; init; }
    /// <summary>The error's body; the memory is the stream's again once the push has its result.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }
    public TimeSpan? RetryAfter { get; init; }
    /// <summary>Why it was not handled, when the server said so in its GOAWAY.</summary>
    public ReasonRow? Refusal { get; init; }
    /// <summary>Whether nobody below holds the push any more.</summary>
    public bool CanBeUsedAgain { get; init; }
}

namespace PushFanout.ApnsSimulator;

/// <summary>A fault as JSON on the control port. What a kind does not use must be left out.</summary>
internal record FaultOrder
{
    /// <summary>Strikes this share of the pushes; not together with <see cref="Times"/>.</summary>
    public double? Share { get; init; }
    /// <summary>Strikes the next so many pushes.</summary>
    public int? Times { get; init; }
    public FaultKind Kind { get; init; } = FaultKind.Answer;
    public int? Status { get; init; }
    public string? Reason { get; init; }
    /// <summary>Of a 410, in milliseconds since 1970.</summary>
    public long? Timestamp { get; init; }
    public int? RetryAfterSeconds { get; init; }
    /// <summary>Of a delay.</summary>
    public int? Milliseconds { get; init; }
    /// <summary>HTTP/2's, of a reset stream.</summary>
    public int? ErrorCode { get; init; }
    public bool AcceptFirst { get; init; }
    /// <summary>Of a changed stream limit.</summary>
    public int? Limit { get; init; }
    /// <summary>Of a GOAWAY.</summary>
    public GoAwayFrame? Frame { get; init; }

    public Fault ToFault() => Kind switch
    {
        FaultKind.Answer => Fault.Answer(
            Status ?? throw new FormatException("A fault of kind answer needs a status."),
            Reason,
            Timestamp is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null,
            RetryAfterSeconds is { } wait ? TimeSpan.FromSeconds(wait) : null),
        FaultKind.Delay => Fault.Delay(TimeSpan.FromMilliseconds(Milliseconds ?? throw new FormatException("A delay needs milliseconds."))),
        FaultKind.Stall => Fault.Stall(AcceptFirst),
        FaultKind.ResetStream => Fault.ResetStream(ErrorCode ?? Fault.RefusedStream, AcceptFirst),
        FaultKind.DropConnection => Fault.DropConnection(AcceptFirst),
        FaultKind.GoAway => Fault.GoAway(Frame),
        FaultKind.ResetAnswer => ErrorCode is { } code ? Fault.ResetAnswer(ToReply(), code) : Fault.ResetAnswer(ToReply()),
        FaultKind.CutAnswer => Fault.CutAnswer(ToReply()),
        FaultKind.LimitStreams => Fault.LimitStreams(Limit ?? throw new FormatException("A changed stream limit needs the limit.")),
        _ => throw new FormatException("Unknown kind of fault."),
    };

    private PushReply ToReply() => new(Status ?? 400, Reason ?? throw new FormatException("An answer that breaks off needs a reason."));
}

/// <summary>A fault for the pushes to one device token.</summary>
internal sealed record TokenScript : FaultOrder
{
    /// <summary>In hexadecimal.</summary>
    public required string Token { get; init; }

    public override string ToString() => $"script of kind {Kind} for a token";
}

/// <summary>Changes of the token world as JSON on the control port; what is left out stays as it is.</summary>
internal sealed record TokenOrder
{
    public bool? WrongEnvironment { get; init; }
    public double? UnregisteredShare { get; init; }
    public double? ExpiredShare { get; init; }
    public double? BadTokenShare { get; init; }
    public double? WrongTopicShare { get; init; }
    public IReadOnlyList<TokenScript> Scripts { get; init; } = [];

    public void ApplyTo(TokenWorld tokens)
    {
        var scripts = Scripts.Select(script => (Token: Convert.FromHexString(script.Token), Fault: script.ToFault(), script.Times)).ToList();
        tokens.WrongEnvironment = WrongEnvironment ?? tokens.WrongEnvironment;
        tokens.UnregisteredShare = UnregisteredShare ?? tokens.UnregisteredShare;
        tokens.ExpiredShare = ExpiredShare ?? tokens.ExpiredShare;
        tokens.BadTokenShare = BadTokenShare ?? tokens.BadTokenShare;
        tokens.WrongTopicShare = WrongTopicShare ?? tokens.WrongTopicShare;
        foreach (var (token, fault, times) in scripts)
        {
            tokens.Strike(token, fault, times ?? int.MaxValue);
        }
    }

    public override string ToString() => $"{Scripts.Count} token scripts";
}

/// <summary>A stream limit as JSON on the control port; null for what the rules say.</summary>
internal sealed record StreamOrder(int? Limit)
{
    public int? CheckedLimit => Limit is null or >= 0 ? Limit : throw new FormatException("A stream limit is not negative.");
}

/// <summary>Frames without end, as JSON on the control port.</summary>
internal sealed record FloodOrder(FloodFrame Frame, int Count);

/// <summary>Whether PINGs are answered, as JSON on the control port.</summary>
internal sealed record PingOrder(bool Answered);

/// <summary>A latency as JSON on the control port.</summary>
internal sealed record LatencyOrder(double LeastMilliseconds, double MostMilliseconds)
{
    public AnswerLatency ToLatency() => new(TimeSpan.FromMilliseconds(LeastMilliseconds), TimeSpan.FromMilliseconds(MostMilliseconds));
}

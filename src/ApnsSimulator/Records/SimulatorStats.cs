namespace PushFanout.ApnsSimulator;

/// <summary>Everything in numbers, since the last reset; this is what <c>GET /stats</c> answers.</summary>
public sealed record SimulatorStats
{
    /// <summary>Pushes accepted.</summary>
    public required long Accepted { get; init; }
    /// <summary>Pushes answered, accepted or not.</summary>
    public required long Answered { get; init; }
    /// <summary>Acceptances beyond the first of the same token for the same notification.</summary>
    public required long Duplicates { get; init; }
    /// <summary>Pushes counted but not remembered, because the memory is full.</summary>
    public required long NotRemembered { get; init; }
    /// <summary>Answers by HTTP status.</summary>
    public required IReadOnlyDictionary<string, long> ByStatus { get; init; }
    /// <summary>Refusals by reason.</summary>
    public required IReadOnlyDictionary<string, long> ByReason { get; init; }
    /// <summary>Faults that struck, by kind; an answer scripted for a token is one of kind answer.</summary>
    public required IReadOnlyDictionary<FaultKind, long> Faults { get; init; }
    /// <summary>Different collapse ids seen.</summary>
    public required int Notifications { get; init; }
    /// <summary>Connections open now.</summary>
    public required int ConnectionsOpen { get; init; }
    /// <summary>Connections ever opened.</summary>
    public required long ConnectionsTotal { get; init; }
    /// <summary>Requests that have no answer yet.</summary>
    public required int RequestsInFlight { get; init; }
}

namespace PushFanout.Apns;

/// <summary>A snapshot of an <see cref="ApnsClient"/>.</summary>
public sealed record ApnsClientStatistics
{
    /// <summary>Connections that take pushes now.</summary>
    public required int ConnectionsOpen { get; init; }
    /// <summary>Connections opened so far.</summary>
    public required long ConnectionsOpened { get; init; }
    /// <summary>Attempts to connect that failed so far.</summary>
    public required long ConnectFailures { get; init; }
    /// <summary>Connections that ended so far, by why; an end that never happened is missing.</summary>
    public required IReadOnlyDictionary<ApnsConnectionEnd, long> ConnectionsClosed { get; init; }
    /// <summary>Pushes handed to a connection and not answered yet.</summary>
    public required int PushesInFlight { get; init; }
    /// <summary>Streams that all open connections together would use now.</summary>
    public required int StreamLimit { get; init; }
    /// <summary>Why the last attempt to connect failed; null once a connection was made since.</summary>
    public required string? LastConnectError { get; init; }
}

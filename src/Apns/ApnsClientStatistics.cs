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
    /// <summary>Connections that the server told to go (GOAWAY) so far, by its code in the RFC's words, <c>NO_ERROR</c> for example; what never came is missing.</summary>
    public required IReadOnlyDictionary<string, long> GoAways { get; init; }
    /// <summary>The connections that take pushes now.</summary>
    public required IReadOnlyList<ApnsConnectionStatistics> Connections { get; init; }
}

/// <summary>A connection that takes pushes.</summary>
/// <param name="Place">Its number among the open ones, from 0 and below <see cref="ApnsClientOptions.MaxConnections"/>; one opened later may have it again.</param>
/// <param name="PushesInFlight">Pushes that it was given and that are not answered yet.</param>
/// <param name="StreamLimit">Streams that it would use now.</param>
public readonly record struct ApnsConnectionStatistics(int Place, int PushesInFlight, int StreamLimit);

namespace PushFanout.Apns;

/// <summary>What happened to a connection.</summary>
public enum ApnsConnectionEventKind
{
    /// <summary>TCP and TLS are up; the first push follows.</summary>
    Opened,
    /// <summary>No connection could be made; the next attempt follows after a pause that grows up to a minute.</summary>
    ConnectFailed,
    /// <summary>The connection takes no more pushes; those under way are still waited for.</summary>
    Closed,
}

/// <summary>Why a connection takes no more pushes.</summary>
public enum ApnsConnectionEnd
{
    /// <summary>The client was disposed.</summary>
    Disposed,
    /// <summary>The network ended it, or the server did without a word, or the server broke the rules of HTTP/2.</summary>
    Lost,
    /// <summary>Pushes were written and nothing came back, or none could be written at all, or not even a PING was answered.</summary>
    Stalled,
    /// <summary>APNs answered <c>Shutdown</c> or <c>IdleTimeout</c>, or <c>TooManyProviderTokenUpdates</c>, which it would go on to do here.</summary>
    ServerStopping,
    /// <summary>APNs refused the credential, and would on this connection go on to do so: <c>ExpiredProviderToken</c>, for example. Or it said so in its GOAWAY.</summary>
    CredentialRefused,
    /// <summary>The server said GOAWAY, and nothing against the credential.</summary>
    GoAway,
    /// <summary>We end it by ourselves: its stream ids are used up, or the process stood still with requests in hand that may not go out any more.</summary>
    Recycled,
    /// <summary>It had no push for ten minutes, and others are open.</summary>
    Idle,
}

/// <summary>One event in the life of a connection, fit for a log.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Endpoint">Host and port.</param>
/// <param name="End">Why, when <see cref="ApnsConnectionEventKind.Closed"/>.</param>
/// <param name="Detail">In words: why connecting failed, or what the server said or did at the end; null when there is nothing to add.</param>
public sealed record ApnsConnectionEvent(ApnsConnectionEventKind Kind, string Endpoint, ApnsConnectionEnd? End = null, string? Detail = null);

using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// Turns what the client throws into one exception. The client's own messages name keys, and keys name users, so of them
/// only the kind is told; what a server says (<c>LOADING</c>, <c>READONLY</c>, <c>WRONGTYPE</c>, …) is passed on.
/// </summary>
internal static class RedisFault
{
    private static readonly string[] ConnectionRefusals = ["NOAUTH", "WRONGPASS", "invalid password", "LOADING", "max number of clients reached"];

    public static bool IsFault(Exception e) =>
        e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    public static bool IsUnknownScript(Exception e) => e is RedisServerException && e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>Whether the server behind the connection is no longer the one that takes writes.</summary>
    public static bool IsDemoted(Exception e) => e is RedisServerException &&
        (e.Message.StartsWith("READONLY", StringComparison.Ordinal) || e.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal));

    /// <summary>A word from a closed set for metrics.</summary>
    public static string Kind(Exception e) => e switch
    {
        RedisServerException server => FirstWord(server.Message),
        RedisConnectionException connection => connection.FailureType.ToString(),
        TimeoutException => "timeout",
        _ => e.GetType().Name,
    };

    public static TokenCacheUnavailableException Unavailable(string operation, Exception e, string? lastConnectionFailure) => new(e switch
    {
        RedisServerException server => $"Redis refused {operation}: {server.Message}",
        TimeoutException => $"Redis did not answer {operation} in time.",
        _ => $"Redis cannot be reached for {operation} ({WordOfServer(e) ?? lastConnectionFailure ?? Kind(e)}).",
    });

    /// <summary>What a server said that refused a connection; the client hides it in the causes of its own exception.</summary>
    private static string? WordOfServer(Exception e) =>
        ConnectionRefusals.FirstOrDefault(word => e.ToString().Contains(word, StringComparison.Ordinal));

    private static string FirstWord(string message)
    {
        var word = message.AsSpan(0, Math.Min(message.Length, 24));
        var end = word.IndexOf(' ');
        return (end < 0 ? word : word[..end]).ToString();
    }
}

namespace PushFanout.TokenCache.Redis;

/// <summary>A connection to Redis was lost and is back.</summary>
/// <param name="serverStarted">Whether a server is behind it that was not seen before.</param>
public sealed class RedisReconnectedEventArgs(bool serverStarted) : EventArgs
{
    /// <summary>
    /// Whether a server answers that was not seen before (another <c>run_id</c>): one that was restarted or took over. It may
    /// have forgotten the last writes that were acknowledged.
    /// </summary>
    public bool ServerStarted { get; } = serverStarted;
}

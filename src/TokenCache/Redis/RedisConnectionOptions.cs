namespace PushFanout.TokenCache.Redis;

/// <summary>Where Redis is and how long it may take.</summary>
public sealed class RedisConnectionOptions
{
    /// <summary>
    /// One or more <c>host:port</c>, separated by commas; several are nodes of one Redis Cluster. Settings in the notation of
    /// StackExchange.Redis may follow, for example <c>localhost:6379,password=…</c>; those below win.
    /// </summary>
    public string Endpoints { get; set; } = "localhost:6379";
    /// <summary>The password, or null when Redis asks for none.</summary>
    public string? Password { get; set; }
    /// <summary>Whether the connection is TLS; the certificate must be valid for the host.</summary>
    public bool Tls { get; set; }
    /// <summary>What every key starts with. Installations that share a Redis differ in it.</summary>
    public string KeyPrefix { get; set; } = "pf";
    /// <summary>The longest wait for one answer; then the store counts as unavailable. Default 3 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);
    /// <summary>How often the watchdog asks every server whether it still answers. Default 1 s.</summary>
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Never the password.</summary>
    public override string ToString() => $"keys {KeyPrefix}:*, timeout {Timeout}";
}

namespace PushFanout.TokenCache.Redis;

/// <summary>What a Redis server says about itself.</summary>
/// <param name="Endpoint">Host and port.</param>
/// <param name="Info">The lines of INFO by name, for example <c>redis_version</c>.</param>
public sealed record RedisServerFacts(string Endpoint, IReadOnlyDictionary<string, string> Info)
{
    /// <summary>Names the server.</summary>
    public override string ToString() => Endpoint;
}

using PushFanout.TokenCache.Redis;

namespace PushFanout.Worker.Dispatch;

/// <summary>The Lua scripts of the shared rates.</summary>
internal static class RateScripts
{
    public static RedisScript Lease { get; } = RedisScript.FromResources(typeof(RateScripts).Assembly, "lease");

    public static RedisScript Present { get; } = RedisScript.FromResources(typeof(RateScripts).Assembly, "present");
}

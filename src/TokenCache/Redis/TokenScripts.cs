namespace PushFanout.TokenCache.Redis;

/// <summary>The scripts in <c>Scripts/</c>; each file says its keys, values and answer.</summary>
internal static class TokenScripts
{
    public static readonly RedisScript Register = Load("register");
    public static readonly RedisScript Remove = Load("remove");
    public static readonly RedisScript Change = Load("change");
    public static readonly RedisScript Read = Load("read");
    public static readonly RedisScript Sizes = Load("sizes");
    public static readonly RedisScript Hint = Load("hint");
    public static readonly RedisScript Claim = Load("claim");
    public static readonly RedisScript ForgetId = Load("forget-id");
    public static readonly RedisScript BuryOwner = Load("bury-owner");

    private static RedisScript Load(string name) => RedisScript.FromResources(typeof(TokenScripts).Assembly, "record", name);
}

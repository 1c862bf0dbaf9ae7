using System.Text;

namespace PushFanout.TokenCache;

/// <summary>What both caches refuse as a bug of the caller; what comes from outside is checked before.</summary>
internal static class DeviceLimits
{
    public const string AllDevices = "all";
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan TombstoneAge = TimeSpan.FromDays(30);
    private const int MaxNameBytes = 255;

    public static void Check(DeviceRegistration device)
    {
        CheckToken(device.Token);
        CheckName(device.DeviceId, "A device id");
        CheckName(device.UserId, "A user id");
        foreach (var name in device.Audiences ?? [])
        {
            CheckAudience(name);
        }
    }

    public static void Check(AudienceChange change)
    {
        CheckAudience(change.Audience);
        if (change.Audience == AllDevices)
        {
            throw new ArgumentException("Every device is in the audience 'all'; it cannot be changed.", nameof(change));
        }
        foreach (var token in change.AddTokens.Concat(change.RemoveTokens))
        {
            CheckToken(token);
        }
    }

    public static void Check(AudienceExpression audience)
    {
        if (audience.AnyOf.Count + audience.AllOf.Count + audience.Users.Count + audience.Tokens.Count == 0)
        {
            throw new ArgumentException("The expression names no audience, user or token; everyone is the audience 'all'.", nameof(audience));
        }
        foreach (var token in audience.Tokens)
        {
            CheckToken(token);
        }
    }

    public static void CheckToken(ReadOnlyMemory<byte> token)
    {
        if (token.Length is 0 or > PackedTokens.MaxTokenBytes)
        {
            throw new ArgumentException($"A token has 1 to {PackedTokens.MaxTokenBytes} bytes, this one {token.Length}.", nameof(token));
        }
    }

    /// <summary>The moment as it is stored: whole milliseconds, not before 1970.</summary>
    public static long Milliseconds(DateTimeOffset moment) => Math.Max(0, moment.ToUnixTimeMilliseconds());

    /// <summary>The audiences of a registration as they are stored: each once, without <c>all</c>.</summary>
    public static IEnumerable<string> Stored(IEnumerable<string> audiences) => audiences.Where(name => name != AllDevices).Distinct();

    private static void CheckAudience(string name)
    {
        if (name.Length == 0)
        {
            throw new ArgumentException("An audience's name is not empty.", nameof(name));
        }
        CheckName(name, "An audience's name");
    }

    private static void CheckName(string? text, string what)
    {
        if (text is not null && Encoding.UTF8.GetByteCount(text) > MaxNameBytes)
        {
            throw new ArgumentException($"{what} has at most {MaxNameBytes} bytes.", nameof(text));
        }
    }
}

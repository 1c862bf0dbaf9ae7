namespace PushFanout.Contracts;

/// <summary>Device tokens as messages carry them: hexadecimal, 1–100 bytes, in either case. Apple does not promise a length.</summary>
public static class DeviceTokenText
{
    /// <summary>Longest token, in bytes.</summary>
    public const int MaxBytes = 100;
    /// <summary>The syntax: an even number of hex digits, 2–200.</summary>
    public const string Pattern = "^([0-9A-Fa-f]{2}){1,100}$";

    /// <summary>Whether this is a token by its form.</summary>
    public static bool IsWellFormed(string? token)
    {
        if (token is null || token.Length is 0 or > MaxBytes * 2 || token.Length % 2 != 0)
            return false;
        foreach (var character in token)
        {
            if (!char.IsAsciiHexDigit(character))
                return false;
        }
        return true;
    }

    /// <summary>Turns the text into the token's bytes; false when it is no token.</summary>
    public static bool TryDecode(string? token, out byte[] bytes)
    {
        var wellFormed = IsWellFormed(token);
        bytes = wellFormed ? Convert.FromHexString(token!) : [];
        return wellFormed;
    }

    /// <summary>The text of a token, in lower case.</summary>
    public static string Encode(ReadOnlySpan<byte> token) => Convert.ToHexString(token).ToLowerInvariant();
}

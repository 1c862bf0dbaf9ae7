using System.Security.Cryptography;

namespace PushFanout.TokenCache;

/// <summary>
/// What may be shown of a device token: eight hex digits, the same on every machine, by which an operator who has the token finds it
/// again and from which nobody can make one.
/// </summary>
public static class TokenFingerprint
{
    private static readonly byte[] Key = "pushfanout token fingerprint"u8.ToArray();

    /// <summary>The fingerprint of a token's bytes.</summary>
    public static string Of(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Key, token, hash);
        return Convert.ToHexStringLower(hash[..4]);
    }
}

using System.Buffers;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// The 64 bits by which the simulator remembers a device token: FNV-1a over the bytes, then the finaliser of MurmurHash3. The
/// same on every machine, so that a test can compute what it expects. Tokens themselves are never kept.
/// </summary>
public static class DeviceTokenHash
{
    /// <summary>Most bytes that a device token has.</summary>
    public const int MaxTokenBytes = 100;

    /// <summary>The hash of a token's bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> token)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in token)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }
        return Finish(hash);
    }

    /// <summary>The hash of a token written in hexadecimal; the case of the digits does not matter.</summary>
    /// <exception cref="FormatException">The text is no device token.</exception>
    public static ulong OfHex(ReadOnlySpan<char> token) =>
        TryOfHex(token, out var hash) ? hash : throw new FormatException("Not a device token: 1 to 100 bytes in hexadecimal are expected.");

    internal static bool TryOfHex(ReadOnlySpan<char> token, out ulong hash)
    {
        hash = 0;
        if (token.IsEmpty || token.Length > 2 * MaxTokenBytes || token.Length % 2 != 0)
        {
            return false;
        }
        Span<byte> bytes = stackalloc byte[MaxTokenBytes];
        if (Convert.FromHexString(token, bytes, out _, out var written) is not OperationStatus.Done)
        {
            return false;
        }
        hash = Of(bytes[..written]);
        return true;
    }

    internal static ulong Finish(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdUL;
        x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return x ^ (x >> 33);
    }
}

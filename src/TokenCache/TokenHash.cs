using System.Buffers.Binary;

namespace PushFanout.TokenCache;

/// <summary>
/// The one hash of a device token. It is part of what is stored in Redis (which shard a token lives in, which receipt is
/// its own), so it must never change: FNV-1a over 64 bits with a final avalanche, the same on every machine and version.
/// </summary>
public static class TokenHash
{
    /// <summary>The 64-bit hash of a token's bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> token)
    {
        var hash = 14695981039346656037UL;
        while (token.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(token)) * 1099511628211UL;
            hash ^= hash >> 29;
            token = token[8..];
        }
        foreach (var b in token)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        hash ^= hash >> 33;
        hash *= 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }

    /// <summary>The shard of a token, 0 to <paramref name="shards"/> − 1; the same in every audience of the app.</summary>
    public static int Shard(ReadOnlySpan<byte> token, int shards) => (int)((uint)(Of(token) >> 32) % (uint)shards);

    /// <summary>The four bytes by which a token's receipt is found again.</summary>
    public static uint Receipt(ReadOnlySpan<byte> token) => (uint)Of(token);
}

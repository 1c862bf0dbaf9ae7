using System.Buffers.Binary;
using PushFanout.TokenCache;

namespace PushFanout.Worker.Ledger;

/// <summary>Four bytes per token, in the order of the range, by which <c>explain</c> finds a token again without storing it.</summary>
internal static class ReceiptHashes
{
    public static uint[] Of(PackedTokens tokens)
    {
        var hashes = new uint[tokens.Count];
        var next = 0;
        foreach (var token in tokens)
        {
            hashes[next++] = TokenHash.Receipt(token.Span);
        }
        return hashes;
    }

    /// <summary>The hashes as they are stored: little-endian, one behind the other.</summary>
    public static byte[] Pack(PackedTokens tokens)
    {
        var packed = new byte[tokens.Count * sizeof(uint)];
        var rest = packed.AsSpan();
        foreach (var token in tokens)
        {
            Write(rest, TokenHash.Receipt(token.Span));
            rest = rest[sizeof(uint)..];
        }
        return packed;
    }

    public static void Write(Span<byte> target, uint hash) => BinaryPrimitives.WriteUInt32LittleEndian(target, hash);
}

using System.Buffers.Binary;

namespace PushFanout.Apns;

/// <summary>The <c>apns-id</c> of a push: a UUID that depends on nothing but the notification and the token.</summary>
public static class ApnsId
{
    /// <summary>Mixes a seed (the notification's id) with a token into an RFC 9562 version 8 UUID. No allocation.</summary>
    public static Guid For(Guid seed, ReadOnlySpan<byte> token)
    {
        Span<byte> id = stackalloc byte[16];
        seed.TryWriteBytes(id, bigEndian: true, out _);
        var a = BinaryPrimitives.ReadUInt64BigEndian(id);
        var b = BinaryPrimitives.ReadUInt64BigEndian(id[8..]) ^ (ulong)token.Length;
        while (!token.IsEmpty)
        {
            ulong word = 0;
            var take = Math.Min(8, token.Length);
            for (var i = 0; i < take; i++)
            {
                word |= (ulong)token[i] << (8 * i);
            }
            token = token[take..];
            a = Mix(a ^ word);
            b = Mix(b + ulong.RotateLeft(word, 32) + a);
        }
        BinaryPrimitives.WriteUInt64BigEndian(id, Mix(a + b));
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], Mix(b ^ ulong.RotateLeft(a, 17)));
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdUL;
        x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return x ^ (x >> 33);
    }
}

using System.Buffers.Binary;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>RFC 9113, section 6. A server may send others; they are ignored.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    EndStream = 1,
    /// <summary>The same bit as <see cref="EndStream"/>, of SETTINGS and PING.</summary>
#pragma warning disable CA1069 // RFC 9113 gives one bit two meanings
    Ack = 1,
#pragma warning restore CA1069
    EndHeaders = 4,
    Padded = 8,
    Priority = 0x20,
}

/// <summary>The nine bytes in front of every frame.</summary>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    public const int Size = 9;

    /// <summary>What either side may send unless the other one has allowed more; we never do.</summary>
    public const int MaxLength = 16_384;

    public bool Has(FrameFlags flag) => (Flags & flag) != 0;

    public static FrameHeader Read(ReadOnlySpan<byte> from) => new(
        (from[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(from[1..]),
        (FrameType)from[3],
        (FrameFlags)from[4],
        BinaryPrimitives.ReadInt32BigEndian(from[5..]) & int.MaxValue); // the reserved bit means nothing

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, ((uint)Length << 8) | (byte)Type);
        to[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(to[5..], StreamId);
    }
}

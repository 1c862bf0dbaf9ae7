using System.Buffers.Binary;

namespace PushFanout.FastSink;

/// <summary>The few things of RFC 9113 that a sink has to know by number.</summary>
internal static class Frames
{
    public const int HeaderLength = 9;
    public const int MaxPayload = 16_384;

    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte ResetStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;

    public const uint ProtocolError = 1;
    public const uint FrameSizeError = 6;
    public const uint RefusedStream = 7;

    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public static void WriteHeader(Span<byte> frame, int length, byte type, byte flags, int stream)
    {
        BinaryPrimitives.WriteUInt32BigEndian(frame, ((uint)length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }
}

using System.Buffers.Binary;

namespace PushFanout.Apns.Transport.Http2.Frames;

/// <summary>The one buffer that frames are collected in until they are written at once.</summary>
internal sealed class FrameWriter(int capacity)
{
    private static ReadOnlySpan<byte> ConnectionPreface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private readonly byte[] buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, Length);

    public Span<byte> Free => buffer.AsSpan(Length);

    public void Clear() => Length = 0;

    /// <summary>Forgets what came after.</summary>
    public void CutBack(int length) => Length = length;

    public void Preface()
    {
        ConnectionPreface.CopyTo(Free);
        Length += ConnectionPreface.Length;
    }

    public void Settings(ReadOnlySpan<Setting> settings)
    {
        var payload = Begin(6 * settings.Length, FrameType.Settings, FrameFlags.None, 0);
        foreach (var (id, value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)id);
            BinaryPrimitives.WriteUInt32BigEndian(payload[2..], value);
            payload = payload[6..];
        }
    }

    public void SettingsAck() => Begin(0, FrameType.Settings, FrameFlags.Ack, 0);

    public void Ping(ulong opaque, bool ack) =>
        BinaryPrimitives.WriteUInt64BigEndian(Begin(8, FrameType.Ping, ack ? FrameFlags.Ack : FrameFlags.None, 0), opaque);

    public void WindowUpdate(int streamId, int increment) =>
        BinaryPrimitives.WriteInt32BigEndian(Begin(4, FrameType.WindowUpdate, FrameFlags.None, streamId), increment);

    public void RstStream(int streamId, ErrorCode code) =>
        BinaryPrimitives.WriteUInt32BigEndian(Begin(4, FrameType.RstStream, FrameFlags.None, streamId), (uint)code);

    public void GoAway(ErrorCode code)
    {
        var payload = Begin(8, FrameType.GoAway, FrameFlags.None, 0);
        BinaryPrimitives.WriteInt32BigEndian(payload, 0); // no stream of the server's was ever handled: there are none
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
    }

    public void Data(int streamId, ReadOnlySpan<byte> content, bool endStream) =>
        content.CopyTo(Begin(content.Length, FrameType.Data, endStream ? FrameFlags.EndStream : FrameFlags.None, streamId));

    /// <summary>The room for a header block; <see cref="EndHeaders"/> then says how much of it was used.</summary>
    public Span<byte> HeaderBlock => Free[FrameHeader.Size..];

    /// <summary>Frames the block that was put into <see cref="HeaderBlock"/>: always one HEADERS frame, ours are never larger.</summary>
    public void EndHeaders(int streamId, int blockLength, bool endStream) =>
        Begin(blockLength, FrameType.Headers, FrameFlags.EndHeaders | (endStream ? FrameFlags.EndStream : FrameFlags.None), streamId);

    private Span<byte> Begin(int length, FrameType type, FrameFlags flags, int streamId)
    {
        new FrameHeader(length, type, flags, streamId).Write(Free);
        var payload = buffer.AsSpan(Length + FrameHeader.Size, length);
        Length += FrameHeader.Size + length;
        return payload;
    }
}

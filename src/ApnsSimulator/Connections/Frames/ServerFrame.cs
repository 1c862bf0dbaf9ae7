using System.Buffers.Binary;
using System.Text;

namespace PushFanout.ApnsSimulator;

/// <summary>Frames that the tap puts between those of Kestrel.</summary>
internal static class ServerFrame
{
    private const ushort InitialWindowSize = 4;
    private const ushort MaxConcurrentStreams = 3;
    private const int EntryBytes = 6;

    public static byte[] NoSettings { get; } = Make(FrameType.Settings, 0, 0);

    public static byte[] StreamLimit(int limit) => Settings([(MaxConcurrentStreams, limit)]);

    /// <summary>Kestrel's first SETTINGS with another stream limit and stream window.</summary>
    public static byte[] FirstSettings(ReadOnlySpan<byte> payload, int streamLimit, int streamWindow)
    {
        var entries = new Dictionary<ushort, int>();
        for (; payload.Length >= EntryBytes; payload = payload[EntryBytes..])
        {
            entries[BinaryPrimitives.ReadUInt16BigEndian(payload)] = BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
        }
        entries[MaxConcurrentStreams] = streamLimit;
        entries[InitialWindowSize] = streamWindow;
        return Settings([.. entries.Select(entry => (entry.Key, entry.Value))]);
    }

    public static byte[] Ping(long opaque)
    {
        var frame = Make(FrameType.Ping, 0, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(FrameHeader.Bytes), opaque);
        return frame;
    }

    public static byte[] WindowUpdate(int streamId, int bytes)
    {
        var frame = Make(FrameType.WindowUpdate, streamId, sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(FrameHeader.Bytes), bytes);
        return frame;
    }

    public static byte[] GoAway(int lastStream, int errorCode, string debug)
    {
        var text = Encoding.UTF8.GetBytes(debug);
        var frame = Make(FrameType.GoAway, 0, 2 * sizeof(int) + text.Length);
        var payload = frame.AsSpan(FrameHeader.Bytes);
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStream);
        BinaryPrimitives.WriteInt32BigEndian(payload[4..], errorCode);
        text.CopyTo(payload[8..]);
        return frame;
    }

    private static byte[] Settings(ReadOnlySpan<(ushort Name, int Value)> entries)
    {
        var frame = Make(FrameType.Settings, 0, entries.Length * EntryBytes);
        var payload = frame.AsSpan(FrameHeader.Bytes);
        foreach (var (name, value) in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, name);
            BinaryPrimitives.WriteInt32BigEndian(payload[2..], value);
            payload = payload[EntryBytes..];
        }
        return frame;
    }

    private static byte[] Make(FrameType type, int streamId, int length)
    {
        var frame = new byte[FrameHeader.Bytes + length];
        new FrameHeader(length, type, 0, streamId).Write(frame);
        return frame;
    }
}

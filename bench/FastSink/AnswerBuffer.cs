using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net.Security;
using System.Text;

namespace PushFanout.FastSink;

/// <summary>Frames for the client, until they are written: all at once, or each in a TLS record and a write of its own. One thread at a time.</summary>
internal sealed class AnswerBuffer(SslStream stream, bool records, bool apnsId)
{
    // Indexed field 8 of the static table (":status 200"); with --apns-id a literal without indexing follows, as APNs sends it.
    private readonly byte[] _answer = AnswerFrame(apnsId);
    private byte[] _frames = new byte[64 * 1024];
    private int _length;

    public int Length => _length;

    public void Answer(int streamId)
    {
        var frame = Take(_answer.Length);
        _answer.CopyTo(frame);
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], streamId);
        if (apnsId)
        {
            Utf8Formatter.TryFormat((uint)streamId, frame[^8..], out _, new System.Buffers.StandardFormat('x', 8));
        }
    }

    public void Settings(int streams, int window)
    {
        const short MaxConcurrentStreams = 3, InitialWindowSize = 4;
        var payload = Frame(12, Frames.Settings, 0, 0);
        BinaryPrimitives.WriteInt16BigEndian(payload, MaxConcurrentStreams);
        BinaryPrimitives.WriteInt32BigEndian(payload[2..], streams);
        BinaryPrimitives.WriteInt16BigEndian(payload[6..], InitialWindowSize);
        BinaryPrimitives.WriteInt32BigEndian(payload[8..], window);
    }

    public void SettingsAck() => Frame(0, Frames.Settings, Frames.Ack, 0);

    public void PingAck(ReadOnlySpan<byte> opaque) => opaque.CopyTo(Frame(8, Frames.Ping, Frames.Ack, 0));

    public void WindowUpdate(int streamId, int increment) => BinaryPrimitives.WriteInt32BigEndian(Frame(4, Frames.WindowUpdate, 0, streamId), increment);

    public void GoAway(int lastStream, uint error, string why)
    {
        var payload = Frame(8 + why.Length, Frames.GoAway, 0, 0);
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStream);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], error);
        Encoding.ASCII.GetBytes(why, payload[8..]);
    }

    /// <summary>Writes everything; blocks while the client does not read.</summary>
    public void Flush()
    {
        var frames = _frames.AsSpan(0, _length);
        while (!frames.IsEmpty)
        {
            var next = records ? Frames.HeaderLength + (int)(BinaryPrimitives.ReadUInt32BigEndian(frames) >> 8) : frames.Length;
            stream.Write(frames[..next]);
            frames = frames[next..];
        }
        _length = 0;
    }

    private static byte[] AnswerFrame(bool apnsId)
    {
        byte[] fields = apnsId ? [0x88, 0x00, 7, .. "apns-id"u8, 36, .. "5eedf00d-0000-4000-8000-000000000000"u8] : [0x88];
        var frame = new byte[Frames.HeaderLength + fields.Length];
        Frames.WriteHeader(frame, fields.Length, Frames.Headers, Frames.EndStream | Frames.EndHeaders, 0);
        fields.CopyTo(frame, Frames.HeaderLength);
        return frame;
    }

    private Span<byte> Frame(int length, byte type, byte flags, int streamId)
    {
        var frame = Take(Frames.HeaderLength + length);
        Frames.WriteHeader(frame, length, type, flags, streamId);
        return frame[Frames.HeaderLength..];
    }

    private Span<byte> Take(int length)
    {
        if (_length + length > _frames.Length)
        {
            Array.Resize(ref _frames, _frames.Length * 2); // at most what one read or one moment's due answers ask for
        }
        _length += length;
        return _frames.AsSpan(_length - length, length);
    }
}

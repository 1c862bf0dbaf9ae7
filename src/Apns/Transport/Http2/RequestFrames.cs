using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// Requests as HEADERS and DATA in the write buffer. A body goes as far as both windows and the buffer let it; the rest follows when there is room, before any
/// new request.
/// </summary>
internal sealed class RequestFrames(Http2Connection connection, FrameWriter frames, RequestHeaders headers)
{
    private readonly List<Http2Stream> unfinished = [];

    /// <summary>Requests whose end is in the buffer.</summary>
    public List<Http2Stream> Ending { get; } = [];

    /// <summary>The last stream that the buffer opens, or else the one before it.</summary>
    public int LastOpened { get; private set; }

    public bool AllFinished => unfinished.Count == 0;

    /// <summary>Bytes that the buffer has for bodies, when headers come with them.</summary>
    public int Room => frames.Free.Length - RequestHeaders.MaxBytes;

    public void Write(Http2Stream stream)
    {
        var push = stream.Push;
        var payload = push.Notification.Payload;
        frames.EndHeaders(stream.Id, headers.Encode(frames.HeaderBlock, push), endStream: payload.IsEmpty);
        LastOpened = stream.Id;
        if (payload.IsEmpty)
        {
            End(stream);
            return;
        }
        WriteBody(stream);
        if (!stream.EndWritten)
        {
            unfinished.Add(stream);
        }
    }

    /// <summary>More of the bodies that had to stop.</summary>
    public void GoOn()
    {
        foreach (var stream in unfinished)
        {
            connection.States.WithBodyOf(WriteBody, stream);
        }
        unfinished.RemoveAll(stream => stream.EndWritten || !connection.Streams.IsOpen(stream));
    }

    private void WriteBody(Http2Stream stream)
    {
        var left = stream.Push.Notification.Payload.Span[stream.BodySent..];
        var windows = Math.Min(stream.SendWindow, connection.SendWindow.Available);
        var length = (int)Math.Min(Math.Min(left.Length, windows), Room);
        if (length <= 0)
        {
            return;
        }
        frames.Data(stream.Id, left[..length], endStream: length == left.Length);
        stream.BodySent += length;
        stream.Spend(length);
        connection.SendWindow.Spend(length);
        if (length == left.Length)
        {
            End(stream);
        }
    }

    private void End(Http2Stream stream)
    {
        stream.EndWritten = true;
        Ending.Add(stream);
    }
}

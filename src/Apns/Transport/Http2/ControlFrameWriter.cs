using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// Puts the small frames that others want written into the write buffer. With the acknowledgement of SETTINGS, the table of our headers gets the size that
/// they name: from that frame on the server counts with it.
/// </summary>
internal sealed class ControlFrameWriter(Http2Connection connection, FrameWriter frames, RequestHeaders headers)
{
    private readonly Lock tableGate = new();
    private (int Size, int Smallest)? table;

    public ControlFrames Waiting { get; } = new();

    /// <summary>The server has named a size for the table of our headers.</summary>
    public void TakeTable(int size, int? smallest)
    {
        if (smallest is { } least)
        {
            lock (tableGate)
            {
                table = (size, Math.Min(table?.Smallest ?? least, least));
            }
        }
    }

    /// <summary>As many as fit.</summary>
    public void Write()
    {
        while (frames.Free.Length > RequestHeaders.MaxBytes && Waiting.TryTake(out var frame))
        {
            switch (frame.Type)
            {
                case FrameType.Settings:
                    UseTable();
                    frames.SettingsAck();
                    break;
                case FrameType.Ping:
                    frames.Ping(frame.Value, ack: frame.StreamId != 0);
                    break;
                case FrameType.WindowUpdate:
                    frames.WindowUpdate(frame.StreamId, (int)frame.Value);
                    break;
                case FrameType.RstStream:
                    if (frame.StreamId <= connection.States.LastHandedOver) // else the server has never heard of it
                    {
                        frames.RstStream(frame.StreamId, (ErrorCode)frame.Value);
                    }
                    connection.Streams.Closed();
                    break;
                default:
                    throw new InvalidOperationException($"{frame.Type} is no control frame of ours.");
            }
        }
    }

    private void UseTable()
    {
        lock (tableGate)
        {
            if (table is { } next)
            {
                headers.LimitTable(next.Size, next.Smallest);
                table = null;
            }
        }
    }
}

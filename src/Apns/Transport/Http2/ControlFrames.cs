using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>A small frame that somebody wants written: by its type, what its fields are.</summary>
internal readonly record struct ControlFrame(FrameType Type, int StreamId, ulong Value);

/// <summary>Small frames on their way to the writer; they go before any push.</summary>
internal sealed class ControlFrames
{
    /// <summary>Bytes of the longest of them.</summary>
    public const int MaxBytes = FrameHeader.Size + 8;

    /// <summary>More than this wait only when the server makes us answer and does not read.</summary>
    private const int Most = 16_384;

    private readonly Lock gate = new();
    private readonly Queue<ControlFrame> waiting = new();

    /// <returns>False when too many wait.</returns>
    public bool TryAdd(ControlFrame frame)
    {
        lock (gate)
        {
            if (waiting.Count == Most)
            {
                return false;
            }
            waiting.Enqueue(frame);
            return true;
        }
    }

    public bool TryTake(out ControlFrame frame)
    {
        lock (gate)
        {
            return waiting.TryDequeue(out frame);
        }
    }
}

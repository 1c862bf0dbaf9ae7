using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PushFanout.ApnsSimulator;

/// <summary>The client's frames on their way to Kestrel: each whole one is shown to the tap, which may keep it from Kestrel.</summary>
internal sealed class TappedReader(PipeReader inner, FrameTap tap) : PipeReader
{
    private const int PrefaceBytes = 24;
    private readonly Pipe kept = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private bool prefaceSeen;
    private bool blind;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ReadResult result;
        while (!kept.Reader.TryRead(out result))
        {
            var read = await inner.ReadAsync(cancellationToken);
            var rest = Pass(read.Buffer);
            if (read.IsCompleted)
            {
                Keep(rest); // a frame that was cut short is Kestrel's to judge
                rest = rest.Slice(rest.End);
            }
            inner.AdvanceTo(rest.Start, read.Buffer.End);
            await kept.Writer.FlushAsync(CancellationToken.None); // never waits: there is no threshold
            if (read.IsCompleted)
            {
                await kept.Writer.CompleteAsync();
            }
            if (read.IsCanceled)
            {
                kept.Reader.CancelPendingRead();
            }
        }
        return result;
    }

    public override bool TryRead(out ReadResult result) => kept.Reader.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => kept.Reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => kept.Reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        kept.Reader.Complete(exception);
        inner.Complete(exception);
    }

    /// <returns>The begin of a frame that is not whole yet.</returns>
    private ReadOnlySequence<byte> Pass(ReadOnlySequence<byte> bytes)
    {
        if (!prefaceSeen)
        {
            if (bytes.Length < PrefaceBytes)
            {
                return bytes;
            }
            Keep(bytes.Slice(0, PrefaceBytes));
            bytes = bytes.Slice(PrefaceBytes);
            prefaceSeen = true;
        }
        Span<byte> start = stackalloc byte[FrameHeader.Bytes];
        while (!blind && bytes.Length >= FrameHeader.Bytes)
        {
            bytes.Slice(0, FrameHeader.Bytes).CopyTo(start);
            var header = FrameHeader.Read(start);
            if (header.Length > PushServer.MaxFrameBytes)
            {
                blind = true; // Kestrel refuses it by its header; it need not come whole
                break;
            }
            if (bytes.Length < header.FrameBytes)
            {
                return bytes;
            }
            var frame = kept.Writer.GetSpan(header.FrameBytes)[..header.FrameBytes];
            bytes.Slice(0, header.FrameBytes).CopyTo(frame);
            if (tap.MayReachServer(header, frame[FrameHeader.Bytes..]))
            {
                kept.Writer.Advance(header.FrameBytes);
            }
            bytes = bytes.Slice(header.FrameBytes);
        }
        if (blind)
        {
            Keep(bytes);
            bytes = bytes.Slice(bytes.End);
        }
        return bytes;
    }

    private void Keep(ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            kept.Writer.Write(segment.Span);
        }
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Kestrel's frames on their way to the client: each whole one is shown to the tap, which may keep it back or put another in its
/// place. Frames of the tap's own go out between them.
/// </summary>
#pragma warning disable CA1001 // a semaphore whose wait handle nobody asked for holds nothing
internal sealed class TappedWriter(PipeWriter inner, FrameTap tap) : PipeWriter
#pragma warning restore CA1001
{
    private const int LeastBuffer = 4096;
    private readonly SemaphoreSlim gate = new(1); // of the inner writer
    private readonly ConcurrentQueue<byte[]> waiting = new();
    private byte[] buffer = new byte[2 * LeastBuffer]; // what Kestrel wrote and did not flush, or not to the end of a frame
    private int written;
    private bool muted; // nothing more goes out

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        var needed = written + Math.Max(sizeHint, LeastBuffer);
        if (needed > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(needed, 2 * buffer.Length));
        }
        return buffer.AsMemory(written);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => written += bytes;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var wasMuted = muted;
            Pass();
            var flushed = wasMuted ? new FlushResult(isCanceled: false, isCompleted: true) : await inner.FlushAsync(cancellationToken);
            if (muted && !wasMuted)
            {
                tap.Sever();
            }
            return flushed;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Lets a frame of the tap go out before Kestrel's next ones.</summary>
    public void Queue(byte[] frame) => waiting.Enqueue(frame);

    /// <summary>Lets what is queued go out now. Does nothing on a connection that has ended.</summary>
    public async Task SendQueuedAsync()
    {
        await gate.WaitAsync();
        try
        {
            PassQueued();
            if (!muted)
            {
                await inner.FlushAsync();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has gone.
        }
        finally
        {
            gate.Release();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        gate.Wait(); // a flush that hangs ends with its connection
        muted = true;
        inner.Complete(exception);
        gate.Release();
    }

    private void Pass()
    {
        PassQueued();
        var from = 0;
        while (written - from >= FrameHeader.Bytes)
        {
            var header = FrameHeader.Read(buffer.AsSpan(from));
            if (written - from < header.FrameBytes)
            {
                break;
            }
            var passed = tap.OnWayToClient(header, buffer.AsSpan(from, header.FrameBytes), out var severed);
            if (!muted)
            {
                inner.Write(passed);
            }
            muted |= severed;
            from += header.FrameBytes;
        }
        buffer.AsSpan(from, written - from).CopyTo(buffer);
        written -= from;
        PassQueued(); // what had to wait for the first SETTINGS
    }

    private void PassQueued()
    {
        while (tap.Greeted.IsCompleted && waiting.TryDequeue(out var frame)) // a server's first frame is its SETTINGS
        {
            if (!muted)
            {
                inner.Write(frame);
            }
        }
    }
}

using System.Net.Security;
using PushFanout.Apns.Connections;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Frames;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// The loop that writes: fills one buffer with whatever may go out and hands it over at once. A push is taken from the pump right before it is put there, so that what
/// was called back in the meantime never leaves.
/// </summary>
internal sealed class RequestWriter(Http2Connection connection, PushPump pump, ApnsConnection books, RequestHeaders headers)
{
    private const int BufferBytes = 64 * 1024;
    private const int MostAtOnce = 128;

    /// <summary>A buffer that took longer to fill was not filled in one go: the process stood still, and who had permitted its pushes may not do so any more.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMilliseconds(100);

    private static readonly Setting[] OurSettings =
    [
        new(SettingId.HeaderTableSize, 0), // so that no answer refers to an earlier one
        new(SettingId.EnablePush, 0),
        new(SettingId.InitialWindowSize, Settings.DefaultWindow),
        new(SettingId.MaxHeaderListSize, HpackDecoder.MaxHeaderList),
    ];

    private readonly FrameWriter frames = new(BufferBytes + RequestHeaders.MaxBytes);
    private readonly Push[] taken = new Push[MostAtOnce];
    private readonly List<Http2Stream> ending = [];
    private readonly List<Http2Stream> unfinished = [];
    private readonly Lock tableGate = new();
    private (int Size, int Smallest)? table;
    private int lastOpened;
    private long filledFrom;

    public WriterSignal Signal { get; } = new();

    public ControlFrames Control { get; } = new();

    /// <summary>The server has named a size for the table of our headers; used with the acknowledgement.</summary>
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

    public async Task RunAsync(SslStream stream, WireStream wire)
    {
        try
        {
            frames.Preface();
            frames.Settings(OurSettings);
            frames.WindowUpdate(0, ReceiveWindow.Increment);
            await WriteAsync(stream, wire);
            while (!connection.IsDead)
            {
                await Signal.WaitAsync();
                while (Fill() && MayGo())
                {
                    await WriteAsync(stream, wire);
                }
            }
        }
#pragma warning disable CA1031 // whatever ends the loop ends the connection, or its pushes would wait for ever
        catch (Exception e)
#pragma warning restore CA1031
        {
            connection.End(ApnsConnectionEnd.Lost, $"the connection broke while writing ({e.GetType().Name})", lastWord: null);
        }
    }

    public async Task SayGoodbyeAsync(SslStream stream, WireStream wire, ErrorCode code)
    {
        frames.Clear();
        frames.GoAway(code);
        await WriteAsync(stream, wire);
        await stream.ShutdownAsync();
        await wire.SendAsync();
    }

    private async Task WriteAsync(SslStream stream, WireStream wire)
    {
        await stream.WriteAsync(frames.Written);
        frames.Clear();
        await wire.SendAsync();
    }

    /// <returns>Whether there is anything to write.</returns>
    private bool Fill()
    {
        filledFrom = connection.Clock.GetTimestamp();
        TakeControlFrames();
        if (unfinished.Count > 0)
        {
            GoOn();
        }
        while (unfinished.Count == 0 && connection.TakesPushes && TakePushes())
        {
            // as many as fit
        }
        return frames.Length > 0;
    }

    /// <summary>More of the bodies that had to stop.</summary>
    private void GoOn()
    {
        foreach (var stream in unfinished)
        {
            connection.WithBodyOf(WriteBody, stream);
        }
        unfinished.RemoveAll(stream => stream.EndWritten || !connection.Streams.IsOpen(stream));
    }

    private void TakeControlFrames()
    {
        while (frames.Free.Length > RequestHeaders.MaxBytes && Control.TryTake(out var frame))
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
                    if (frame.StreamId <= connection.LastHandedOver) // else the server has never heard of it
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

    private bool TakePushes()
    {
        var streams = Math.Min(taken.Length, (connection.PeerStreamLimit ?? 0) - connection.Streams.Open);
        if (streams <= 0)
        {
            return false;
        }
        var count = pump.Take(books, taken.AsSpan(0, streams), frames.Free.Length - RequestHeaders.MaxBytes, connection.SendWindow.Available);
        var pushes = taken.AsSpan(0, count);
        if (count == 0)
        {
            return false;
        }
        if (!connection.TryOpen(pushes))
        {
            foreach (var push in pushes)
            {
                push.Result = new ExchangeResult { End = ExchangeEnd.NotSent };
            }
            pump.Finished(pushes);
            return false;
        }
        foreach (var push in pushes)
        {
            Write(push.Stream!);
        }
        pushes.Clear();
        return true;
    }

    private void Write(Http2Stream stream)
    {
        var push = stream.Push;
        var payload = push.Notification.Payload;
        frames.EndHeaders(stream.Id, headers.Encode(frames.HeaderBlock, push), endStream: payload.IsEmpty);
        lastOpened = stream.Id;
        if (payload.IsEmpty)
        {
            stream.EndWritten = true;
            ending.Add(stream);
            return;
        }
        WriteBody(stream);
        if (!stream.EndWritten)
        {
            unfinished.Add(stream);
        }
    }

    /// <summary>As much of the body as both windows and the buffer take.</summary>
    private void WriteBody(Http2Stream stream)
    {
        var left = stream.Push.Notification.Payload.Span[stream.BodySent..];
        var windows = Math.Min(stream.SendWindow, connection.SendWindow.Available);
        var length = (int)Math.Min(Math.Min(left.Length, windows), frames.Free.Length - RequestHeaders.MaxBytes);
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
            stream.EndWritten = true;
            ending.Add(stream);
        }
    }

    /// <summary>The last moment to keep pushes back.</summary>
    private bool MayGo()
    {
        if (connection.Clock.GetElapsedTime(filledFrom) > Stale && ending.Exists(stream => !connection.Streams.IsOpen(stream) || !stream.Push.MayStillGo))
        {
            connection.TakeBack();
            frames.Clear();
        }
        else if (!connection.TryHandOver(ending, lastOpened))
        {
            frames.Clear();
        }
        ending.Clear();
        return frames.Length > 0;
    }
}

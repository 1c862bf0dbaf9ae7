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
internal sealed class RequestWriter
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
    private readonly Http2Connection connection;
    private readonly PushPump pump;
    private readonly ApnsConnection books;
    private readonly RequestFrames requests;
    private long filledFrom;
    private int controlLength;

    public RequestWriter(Http2Connection connection, PushPump pump, ApnsConnection books, RequestHeaders headers)
    {
        this.connection = connection;
        this.pump = pump;
        this.books = books;
        requests = new RequestFrames(connection, frames, headers);
        Control = new ControlFrameWriter(connection, frames, headers);
    }

    public WriterSignal Signal { get; } = new();

    public ControlFrameWriter Control { get; }

    public async Task RunAsync(SslStream stream, WireStream wire)
    {
        try
        {
            frames.Preface();
            frames.Settings(OurSettings);
            frames.WindowUpdate(0, ReceiveWindow.Increment);
            await WriteAsync(stream, wire);
            while (!connection.States.AreDead)
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
        Control.Write();
        controlLength = frames.Length;
        if (!requests.AllFinished)
        {
            requests.GoOn();
        }
        while (requests.AllFinished && connection.States.MayOpen && TakePushes())
        {
            // as many as fit
        }
        return frames.Length > 0;
    }

    private bool TakePushes()
    {
        var streams = Math.Min(taken.Length, (connection.States.PeerLimit ?? 0) - connection.Streams.Open);
        if (streams <= 0)
        {
            return false;
        }
        var count = pump.Take(books, taken.AsSpan(0, streams), requests.Room, connection.SendWindow.Available);
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
            requests.Write(push.Stream!);
        }
        pushes.Clear();
        return true;
    }

    /// <summary>The last moment to keep pushes back.</summary>
    private bool MayGo()
    {
        if (connection.Clock.GetElapsedTime(filledFrom) > Stale && requests.Ending.Exists(stream => !connection.Streams.IsOpen(stream) || !stream.Push.MayStillGo))
        {
            connection.TakeBack();
            frames.CutBack(controlLength); // the control frames stay: nobody would write them again
        }
        else if (!connection.States.TryHandOver(requests.Ending, requests.LastOpened))
        {
            frames.Clear();
        }
        requests.Ending.Clear();
        return frames.Length > 0;
    }
}

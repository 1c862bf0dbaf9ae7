using System.Net.Security;
using PushFanout.Apns.Answers;
using PushFanout.Apns.Connections;
using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// One HTTP/2 connection to APNs: a loop that reads, a loop that writes, and what both must agree on. It takes pushes from the pump when it can write them,
/// never retries, never reconnects, and gives each push back with exactly one result, whenever and however the connection ends.
/// </summary>
internal sealed class Http2Connection : IAsyncDisposable
{
    /// <summary>How long a last word to the server may take.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

    private readonly PushPump pump;
    private readonly ApnsConnection books;
    private readonly SslStream stream;
    private readonly WireStream wire;
    private readonly ConnectionWatch watch;
    private readonly RequestWriter writer;
    private readonly ResponseReader reader;
    private readonly Task closed;
    private ErrorCode? farewell;
    private ITimer? farewellOver;
    private int ended;
    private bool toldToGo; // the reading loop's, as the next
    private ReasonRow? refusal;

    public Http2Connection(Dialled dialled, PushPump pump, ApnsConnection books, ApnsClientOptions options, TimeProvider clock)
    {
        (stream, wire) = dialled;
        this.pump = pump;
        this.books = books;
        Clock = clock;
        Streams = new StreamTable(options.MaxStreamsPerConnection, options.FirstStreamId);
        States = new StreamStates(Streams);
        watch = new ConnectionWatch(this, clock);
        writer = new RequestWriter(this, pump, books, new RequestHeaders(options.Endpoint.Authority, options.IndexAuthorization));
        reader = new ResponseReader(this, pump, watch);
        wire.Corked = true;
        closed = RunAsync();
    }

    public TimeProvider Clock { get; }

    public StreamTable Streams { get; }

    public StreamStates States { get; }

    public SendWindow SendWindow { get; } = new();

    /// <summary>Now and then: the pump may find that it has no use for this connection any more.</summary>
    public void LetGoIfIdle() => pump.LetGoIfIdle(books);

    /// <summary>There may be something to write.</summary>
    public void Wake() => writer.Signal.Wake();

    /// <summary>Nobody waits for this push any more: ends its stream.</summary>
    public void GiveUp(Push push)
    {
        if (push.Stream is { } opened && States.TryTakeOut(opened, out var sent))
        {
            Reset(opened.Id, ErrorCode.Cancel);
            Finish([opened], sent ? ExchangeEnd.Lost : ExchangeEnd.NotSent);
        }
    }

    /// <summary>Gives each of these pushes the next stream id.</summary>
    /// <returns>False when the connection takes none any more; then nothing has been done.</returns>
    public bool TryOpen(ReadOnlySpan<Push> pushes)
    {
        if (!States.TryOpen(pushes))
        {
            return false;
        }
        if (Streams.IdsAreUsedUp)
        {
            Drain(ApnsConnectionEnd.Recycled, "stream ids used up");
        }
        return true;
    }

    /// <summary>What is in the buffer will not go out: ends every stream whose request has not been handed over as a whole.</summary>
    public void TakeBack()
    {
        Drain(ApnsConnectionEnd.Recycled, "the process stood still with requests in hand");
        List<Http2Stream> back = [];
        Streams.TakeOutWhere(candidate => !candidate.HandedOver, back);
        foreach (var stream in back)
        {
            if (stream.Id <= States.LastHandedOver)
            {
                Reset(stream.Id, ErrorCode.Cancel); // a part of it is out
            }
            else
            {
                Streams.Closed(); // the server has never heard of it
            }
        }
        Finish(back, ExchangeEnd.NotSent);
    }

    /// <summary>The whole answer has come.</summary>
    /// <returns>False when somebody else has ended the stream.</returns>
    public bool TryComplete(Http2Stream answered)
    {
        var completed = States.TryComplete(answered, out var cut);
        if (cut)
        {
            Reset(answered.Id, ErrorCode.Cancel);
        }
        return completed;
    }

    public void Reset(int streamId, ErrorCode code) => Send(new ControlFrame(FrameType.RstStream, streamId, (ulong)code));

    public void Send(ControlFrame frame)
    {
        if (!writer.Control.Waiting.TryAdd(frame))
        {
            Fail(new ConnectionFault(ErrorCode.EnhanceYourCalm, "the server makes us answer and does not read"));
            return;
        }
        Wake();
    }

    /// <summary>Takes the server's settings over.</summary>
    /// <param name="smallestTable">Null when the size of the table was not among them.</param>
    /// <returns>False when a window would be too large.</returns>
    public bool TryTake(Settings settings, int? smallestTable)
    {
        var before = States.PeerLimit;
        if (!States.TryTake(settings))
        {
            return false;
        }
        writer.Control.TakeTable(settings.HeaderTableSize, smallestTable);
        Send(new ControlFrame(FrameType.Settings, 0, 0));
        if (before != States.PeerLimit)
        {
            pump.StreamLimitChanged(books);
        }
        return true;
    }

    public void GoAway(GoAway goAway)
    {
        if (!toldToGo)
        {
            toldToGo = true;
            pump.ToldToGo(goAway.Code);
        }
        refusal ??= goAway.Refusal; // of two GOAWAYs the first may say why, and the second what was not handled
        Drain(refusal is null ? ApnsConnectionEnd.GoAway : ApnsConnectionEnd.CredentialRefused, goAway.ToString());
        var ignored = States.TakeOutAfter(goAway.LastStreamId);
        ignored.ForEach(_ => Streams.Closed());
        Finish(ignored, ExchangeEnd.NotSent, refusal);
    }

    /// <summary>The server broke the rules: it is told which, and the connection ends.</summary>
    public void Fail(ConnectionFault fault) => End(ApnsConnectionEnd.Lost, $"{fault.Code}: {fault.Why}", fault.Code);

    /// <param name="lastWord">What GOAWAY says to the server; null when it is not there to hear it.</param>
    public void End(ApnsConnectionEnd why, string detail, ErrorCode? lastWord)
    {
        var taken = States.TryEndAll(() =>
        {
            farewell = lastWord;
            farewellOver = lastWord is null ? null : Clock.CreateTimer(_ => wire.Abort(), null, Farewell, Timeout.InfiniteTimeSpan);
        });
        if (taken is not { } open)
        {
            return;
        }
        if (lastWord is null)
        {
            wire.Abort();
        }
        TellEnd(why, detail);
        Finish([.. open.Where(request => !request.HandedOver)], ExchangeEnd.NotSent);
        Finish([.. open.Where(request => request.HandedOver)], ExchangeEnd.Lost);
        Wake();
    }

    /// <summary>Says goodbye and closes. Whatever is still open is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        End(ApnsConnectionEnd.Disposed, "closed", ErrorCode.NoError);
        await closed;
    }

    private void Drain(ApnsConnectionEnd why, string detail)
    {
        if (States.TryDrain())
        {
            TellEnd(why, detail);
        }
    }

    private void TellEnd(ApnsConnectionEnd why, string detail)
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            pump.Ended(books, why, detail);
        }
    }

    /// <summary>Streams that were taken out without an answer, or with half of one.</summary>
    /// <param name="why">Why they were not handled, if the server said so.</param>
    private void Finish(List<Http2Stream> streams, ExchangeEnd end, ReasonRow? why = null)
    {
        if (streams.Count == 0)
        {
            return;
        }
        var pushes = new Push[streams.Count];
        for (var i = 0; i < pushes.Length; i++)
        {
            pushes[i] = streams[i].Push;
            pushes[i].Result = streams[i].BrokenOff(end) with { Refusal = why };
        }
        pump.Finished(pushes);
    }

    private async Task RunAsync()
    {
        await Task.Yield(); // nothing of it happens within the constructor
        watch.Start();
        var reading = reader.RunAsync(stream, wire);
        await writer.RunAsync(stream, wire);
        if (farewell is { } code)
        {
            await writer.SayGoodbyeAsync(stream, wire, code).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        wire.Abort();
        await reading;
        await watch.DisposeAsync();
        if (farewellOver is { } timer)
        {
            await timer.DisposeAsync();
        }
        await stream.DisposeAsync();
    }
}

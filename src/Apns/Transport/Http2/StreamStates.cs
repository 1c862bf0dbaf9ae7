using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// What the reader, the writer and whoever ends the connection must decide one at a time: whether a stream may still open, how far its request has gone, and who
/// ends it. Nothing is called or waited for meanwhile.
/// </summary>
internal sealed class StreamStates(StreamTable streams)
{
    private const int Unknown = -1;

    private readonly Lock gate = new();
    private Stage stage;
    private int peerLimit = Unknown;
    private int initialWindow = Settings.DefaultWindow;
    private int lastHandedOver;

    private enum Stage : byte
    {
        /// <summary>Streams may open.</summary>
        Open,
        /// <summary>None opens any more; what is on the way still gets its answer.</summary>
        Draining,
        /// <summary>Nothing is written any more but a last word, and nothing read.</summary>
        Dead,
    }

    /// <summary>The server's own limit of open streams; null until it has told us.</summary>
    public int? PeerLimit => Volatile.Read(ref peerLimit) is var limit and not Unknown ? limit : null;

    /// <summary>Whether streams may open: the server has said how many, and nobody has said goodbye.</summary>
    public bool MayOpen => stage == Stage.Open && PeerLimit is not null;

    public bool AreDead => stage == Stage.Dead;

    /// <summary>The last stream whose request may have reached the server.</summary>
    public int LastHandedOver => Volatile.Read(ref lastHandedOver);

    /// <summary>Gives each of these pushes the next stream id.</summary>
    /// <returns>False when none opens any more; then nothing has been done.</returns>
    public bool TryOpen(ReadOnlySpan<Push> pushes)
    {
        lock (gate)
        {
            if (stage != Stage.Open)
            {
                return false;
            }
            foreach (var push in pushes)
            {
                streams.Add(push.Stream ??= new Http2Stream(push), initialWindow);
            }
            return true;
        }
    }

    /// <summary>The requests that end in the buffer are about to be handed to the network.</summary>
    /// <returns>False when the connection is dead, and nothing may go out any more.</returns>
    public bool TryHandOver(List<Http2Stream> requests, int lastOpened)
    {
        lock (gate)
        {
            if (stage == Stage.Dead)
            {
                return false;
            }
            foreach (var request in requests)
            {
                request.HandedOver = true;
            }
            Volatile.Write(ref lastHandedOver, lastOpened);
            return true;
        }
    }

    /// <summary>Runs with nothing else deciding about the body of this stream.</summary>
    public void WithBodyOf(Action<Http2Stream> write, Http2Stream of)
    {
        lock (gate)
        {
            if (stage != Stage.Dead && streams.IsOpen(of))
            {
                write(of);
            }
        }
    }

    /// <summary>The whole answer has come.</summary>
    /// <param name="cut">The body of the request is not out yet, and need not go on: the stream has to be reset.</param>
    /// <returns>False when somebody else has ended the stream.</returns>
    public bool TryComplete(Http2Stream answered, out bool cut)
    {
        cut = false;
        if (answered.EndWritten) // as usual; then nothing of it is left to decide about
        {
            return TryEnd(answered);
        }
        lock (gate)
        {
            if (answered.EndWritten)
            {
                return TryEnd(answered);
            }
            return cut = streams.TryTakeOut(answered);
        }
    }

    /// <summary>Takes a stream out before its answer is whole. No more of its body is written, so whoever gets its answer may use it for another push.</summary>
    /// <param name="sent">Whether the request has been written to its end; if not, it never will be.</param>
    /// <returns>False when somebody else has ended the stream.</returns>
    public bool TryTakeOut(Http2Stream stream, out bool sent)
    {
        lock (gate)
        {
            sent = stream.EndWritten;
            return streams.TryTakeOut(stream);
        }
    }

    /// <summary>Takes the server's settings over.</summary>
    /// <returns>False when a window would be too large.</returns>
    public bool TryTake(Settings settings)
    {
        lock (gate)
        {
            var widerBy = settings.InitialWindowSize - (long)initialWindow;
            initialWindow = settings.InitialWindowSize;
            if (widerBy != 0 && !streams.TryWidenAll(widerBy))
            {
                return false;
            }
            Volatile.Write(ref peerLimit, settings.MaxConcurrentStreams);
            return true;
        }
    }

    /// <summary>The server ignores every stream after this one: takes them out.</summary>
    public List<Http2Stream> TakeOutAfter(int lastStreamId)
    {
        List<Http2Stream> ignored = [];
        lock (gate)
        {
            streams.TakeOutWhere(candidate => candidate.Id > lastStreamId, ignored);
        }
        return ignored;
    }

    /// <summary>No stream opens any more.</summary>
    /// <returns>False when that was so already.</returns>
    public bool TryDrain()
    {
        lock (gate)
        {
            if (stage != Stage.Open)
            {
                return false;
            }
            stage = Stage.Draining;
            return true;
        }
    }

    /// <summary>The end: takes out every stream, and nothing is written for any.</summary>
    /// <param name="before">Runs when this is the end, before anybody can see it.</param>
    /// <returns>Null when that was so already.</returns>
    public List<Http2Stream>? TryEndAll(Action before)
    {
        List<Http2Stream> open = [];
        lock (gate)
        {
            if (stage == Stage.Dead)
            {
                return null;
            }
            before();
            stage = Stage.Dead;
            streams.TakeOutWhere(_ => true, open);
        }
        return open;
    }

    private bool TryEnd(Http2Stream stream)
    {
        var ours = streams.TryTakeOut(stream);
        if (ours)
        {
            streams.Closed();
        }
        return ours;
    }
}

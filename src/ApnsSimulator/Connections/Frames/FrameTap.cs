using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Sits between TLS and Kestrel and sees the frames of one connection go by, both ways. Kestrel cannot begin with one stream, change
/// its limit, or give a GOAWAY a reason and a last stream of the test's choice; the tap does that by frames of its own. It reads frame headers and
/// the payloads of SETTINGS, PING and HEADERS, the last only for lint, and shares no code with any client.
/// </summary>
internal sealed class FrameTap : IDuplexPipe
{
    /// <summary>Who sent SETTINGS, and what for.</summary>
    private enum SettingsOf : byte
    {
        Kestrel,
        StreamLimit,
        Flood,
    }

    private readonly StreamBook streams;
    private readonly HeaderLint lint;
    private readonly Action<Finding> notice;
    private readonly Action sever;
    private readonly int firstLimit;
    private readonly int streamWindow;
    private readonly TappedWriter output;
    private readonly ConcurrentDictionary<int, bool> toCut = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> bodiesAwaited = new();
    private readonly ConcurrentQueue<SettingsOf> acksAwaited = new(); // in the order of the SETTINGS
    private readonly ConcurrentDictionary<long, TaskCompletionSource> pings = new();
    private readonly TaskCompletionSource greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lastPing = BitConverter.ToInt64("simulate"u8);

    /// <param name="inner">The connection without TLS.</param>
    /// <param name="firstLimit">How many streams the first SETTINGS allow.</param>
    /// <param name="streamWindow">How many bytes of a body may come before the tap allows more.</param>
    /// <param name="notice">Hears what the client does and should not.</param>
    /// <param name="sever">Ends the connection after what was written, in the middle of a frame.</param>
    public FrameTap(IDuplexPipe inner, int firstLimit, int streamWindow, Action<Finding> notice, Action sever)
    {
        this.firstLimit = firstLimit;
        this.streamWindow = streamWindow;
        this.notice = notice;
        this.sever = sever;
        streams = new StreamBook(firstLimit);
        lint = new HeaderLint(notice);
        output = new TappedWriter(inner.Output, this);
        Input = new TappedReader(inner.Input, this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output => output;

    /// <summary>Completes when the first SETTINGS have gone out; nothing may go before.</summary>
    public Task Greeted => greeted.Task;

    /// <summary>True: the client's PINGs are left unanswered.</summary>
    public bool SwallowsPings { get; set; }

    public StreamFate TakeFate(int streamId) => streams.TakeFate(streamId);

    /// <summary>Completes when so many streams were ignored as <see cref="Cut"/> wanted.</summary>
    public Task IgnoredEnough => streams.IgnoredEnough;

    /// <summary>Completes when all streams that <see cref="Cut"/> let go on have ended.</summary>
    public Task AllEnded => streams.Ended;

    /// <summary>From here on new streams are ignored; Kestrel's own GOAWAYs as well.</summary>
    /// <returns>The last stream that is handled.</returns>
    public int Cut(int ignoring) => streams.Cut(ignoring);

    /// <summary>Announces another stream limit with the next frames.</summary>
    public void LimitStreams(int limit) => Announce(streams.Want(limit));

    /// <summary>Lets the connection end in the middle of the stream's first DATA frame.</summary>
    public void CutBody(int streamId) => toCut[streamId] = true;

    /// <summary>Completes when the stream's first DATA frame is on its way. To be asked for before there is one.</summary>
    public Task BodyOnItsWay(int streamId) =>
        bodiesAwaited.GetOrAdd(streamId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Queue(byte[] frame) => output.Queue(frame);

    public Task SendQueuedAsync() => output.SendQueuedAsync();

    /// <summary>Waits until the client has read everything before, or the time is over.</summary>
    public async Task PingAsync(TimeSpan longest)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opaque = Interlocked.Increment(ref lastPing);
        pings[opaque] = answered;
        output.Queue(ServerFrame.Ping(opaque));
        await Task.WhenAny(Task.WhenAll(output.SendQueuedAsync(), answered.Task), Task.Delay(longest));
    }

    /// <summary>Sends a frame so often that a client should take it for an attack.</summary>
    public async Task FloodAsync(FloodFrame kind, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (kind is FloodFrame.Settings)
            {
                acksAwaited.Enqueue(SettingsOf.Flood);
            }
            output.Queue(kind is FloodFrame.Settings ? ServerFrame.NoSettings : ServerFrame.Ping(i));
            if (i % 100 == 0)
            {
                await output.SendQueuedAsync();
            }
        }
        await output.SendQueuedAsync();
    }

    public void Sever() => sever();

    /// <summary>A whole frame of the client.</summary>
    /// <returns>Whether Kestrel is to see it.</returns>
    public bool MayReachServer(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case FrameType.Headers:
                if (streams.Opened(header.StreamId) is { } finding)
                {
                    notice(finding);
                }
                lint.Examine(header, payload);
                return true;
            case FrameType.Priority:
                notice(Finding.PriorityFrame);
                return true;
            case FrameType.ResetStream:
                streams.Closed(header.StreamId);
                return true;
            case FrameType.Settings when header.IsAck:
                return !acksAwaited.TryDequeue(out var acknowledged) || HasAcknowledged(acknowledged);
            case FrameType.Ping when header.IsAck:
                return !(payload.Length == sizeof(long) && pings.TryRemove(BinaryPrimitives.ReadInt64BigEndian(payload), out var ping) && ping.TrySetResult());
            case FrameType.Ping:
                return !SwallowsPings;
            case FrameType.Data when streamWindow < PushServer.StreamWindowBytes && header.Length > 0:
                output.Queue(ServerFrame.WindowUpdate(header.StreamId, header.Length));
                _ = output.SendQueuedAsync(); // fails only with its connection
                return true;
            default:
                return true;
        }
    }

    /// <summary>A whole frame of Kestrel.</summary>
    /// <param name="severed">True: the connection ends after what is returned.</param>
    /// <returns>What goes out in its place.</returns>
    public ReadOnlySpan<byte> OnWayToClient(FrameHeader header, ReadOnlySpan<byte> frame, out bool severed)
    {
        severed = header.Type is FrameType.Data && header.Length > 0 && !toCut.IsEmpty && toCut.TryRemove(header.StreamId, out _);
        if (severed)
        {
            return frame[..(FrameHeader.Bytes + (header.Length / 2))];
        }
        if (header.EndsStream || header.Type is FrameType.ResetStream)
        {
            streams.Closed(header.StreamId);
        }
        switch (header.Type)
        {
            case FrameType.Data when !bodiesAwaited.IsEmpty && bodiesAwaited.TryRemove(header.StreamId, out var awaited):
                awaited.SetResult();
                return frame;
            case FrameType.Settings when !header.IsAck:
                acksAwaited.Enqueue(SettingsOf.Kestrel);
                greeted.TrySetResult();
                return ServerFrame.FirstSettings(frame[FrameHeader.Bytes..], firstLimit, streamWindow);
            case FrameType.GoAway when streams.IsCutOff(int.MaxValue):
            case FrameType.ResetStream when streams.IsCutOff(header.StreamId):
            case FrameType.WindowUpdate when header.StreamId > 0 && streamWindow < PushServer.StreamWindowBytes:
                return [];
            default:
                return frame;
        }
    }

    private bool HasAcknowledged(SettingsOf settings)
    {
        if (settings is not SettingsOf.Flood && Announce(streams.Acknowledged()))
        {
            _ = output.SendQueuedAsync(); // fails only with its connection
        }
        return settings is SettingsOf.Kestrel;
    }

    private bool Announce(int? limit)
    {
        if (limit is not { } streamLimit)
        {
            return false;
        }
        acksAwaited.Enqueue(SettingsOf.StreamLimit);
        output.Queue(ServerFrame.StreamLimit(streamLimit));
        return true;
    }
}

using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace PushFanout.FastSink;

/// <summary>
/// One client: reads whole frames, and answers every request with 200 as soon as its END_STREAM is there. Header blocks are
/// stepped over, not decoded, and no stream has a state of its own; that is what makes it cheap.
/// </summary>
internal sealed class SinkConnection
{
    private const int StreamWindow = 1 << 20;
    private const int ConnectionWindow = int.MaxValue;
    private const int InitialConnectionWindow = 65_535;

    /// <summary>So many answers are worth a write even when more of the client's bytes are there already.</summary>
    private const int AnswersPerFlush = 256;

    private readonly SinkOptions _options;
    private readonly Socket _socket;
    private readonly SslStream _stream;
    private readonly AnswerBuffer _answers;
    private readonly LateAnswers? _late;
    private readonly Lock _writing = new();
    private readonly byte[] _received = new byte[128 * 1024];
    private int[] _complete = new int[1024];
    private int _completed;
    private int _from;
    private int _to;
    private int _lastStream;
    private int _blockOf; // the stream whose header block goes on in CONTINUATION frames; 0: none
    private bool _blockEnds;
    private int _windowUsed;
    private long _answered;
    private long _bodyBytes;
    private long _resets;

    public SinkConnection(SinkOptions options, Socket socket, SslStream stream)
    {
        _options = options;
        _socket = socket;
        _stream = stream;
        _answers = new AnswerBuffer(stream, options.Records, options.ApnsId);
        _late = options.Latency > TimeSpan.Zero ? new LateAnswers(options.Latency, _answers, _writing, due => Count(due)) : null;
    }

    public long Answered => Volatile.Read(ref _answered);

    public long BodyBytes => Volatile.Read(ref _bodyBytes);

    public long Resets => Volatile.Read(ref _resets);

    /// <summary>Serves until the client goes.</summary>
    /// <returns>Whether the client kept to the protocol.</returns>
    public bool Run()
    {
        var writer = _late is null ? null : new Thread(_late.Run) { IsBackground = true, Name = "answers" };
        writer?.Start();
        try
        {
            Greet();
            while (_to - _from < Frames.Preface.Length)
            {
                if (!Receive())
                {
                    return true;
                }
            }
            if (!_received.AsSpan(_from).StartsWith(Frames.Preface))
            {
                return false;
            }
            _from += Frames.Preface.Length;
            return Serve();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return true; // the client has gone, without a goodbye
        }
        finally
        {
            _late?.End();
            writer?.Join();
        }
    }

    private void Greet()
    {
        lock (_writing)
        {
            _answers.Settings(_options.Streams, StreamWindow);
            _answers.WindowUpdate(0, ConnectionWindow - InitialConnectionWindow);
            _answers.Flush();
        }
    }

    private bool Serve()
    {
        do
        {
            var fault = TakeFrames();
            if (fault is null && (_completed >= AnswersPerFlush || _socket.Available == 0))
            {
                fault = AnswerCompleted();
            }
            if (fault is { } broken)
            {
                lock (_writing)
                {
                    _answers.GoAway(_lastStream, broken.Error, broken.Why);
                    _answers.Flush();
                }
                return false;
            }
        }
        while (Receive());
        return true;
    }

    private bool Receive()
    {
        if (_from == _to)
        {
            _from = _to = 0;
        }
        else if (_received.Length - _to < Frames.MaxPayload + Frames.HeaderLength)
        {
            _received.AsSpan(_from, _to - _from).CopyTo(_received);
            (_from, _to) = (0, _to - _from);
        }
        var count = _stream.Read(_received.AsSpan(_to));
        _to += count;
        return count > 0;
    }

    private (uint Error, string Why)? TakeFrames()
    {
        while (_to - _from >= Frames.HeaderLength)
        {
            var head = BinaryPrimitives.ReadUInt32BigEndian(_received.AsSpan(_from));
            var length = (int)(head >> 8);
            if (length > Frames.MaxPayload)
            {
                return (Frames.FrameSizeError, "frame too long");
            }
            if (_to - _from < Frames.HeaderLength + length)
            {
                break;
            }
            var streamId = BinaryPrimitives.ReadInt32BigEndian(_received.AsSpan(_from + 5)) & int.MaxValue;
            var flags = _received[_from + 4];
            var fault = TakeFrame((byte)head, flags, streamId, _received.AsSpan(_from + Frames.HeaderLength, length));
            if (fault is not null)
            {
                return (Frames.ProtocolError, fault);
            }
            _from += Frames.HeaderLength + length;
        }
        return null;
    }

    private string? TakeFrame(byte type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        if (_blockOf != 0 && (type != Frames.Continuation || streamId != _blockOf))
        {
            return "header block interrupted";
        }
        switch (type)
        {
            case Frames.Data:
                return TakeData(flags, streamId, payload.Length);
            case Frames.Headers:
                return TakeHeaders(flags, streamId);
            case Frames.Continuation:
                if (_blockOf == 0)
                {
                    return "continuation of nothing";
                }
                EndBlock(flags, streamId, _blockEnds);
                return null;
            case Frames.ResetStream:
                Volatile.Write(ref _resets, _resets + 1);
                return null;
            case Frames.Settings when (flags & Frames.Ack) == 0:
                Reply(static (answers, _) => answers.SettingsAck(), 0);
                return null;
            case Frames.Ping when (flags & Frames.Ack) == 0:
                if (payload.Length != 8)
                {
                    return "bad ping";
                }
                Reply(static (answers, opaque) => answers.PingAck(BitConverter.GetBytes(opaque)), BitConverter.ToInt64(payload));
                return null;
            default:
                return null; // WINDOW_UPDATE: nothing is sent that needs a window. GOAWAY: the end follows. PRIORITY and unknown ones: ignored.
        }
    }

    private string? TakeData(byte flags, int streamId, int length)
    {
        if (streamId == 0 || streamId > _lastStream)
        {
            return "data without a request";
        }
        Volatile.Write(ref _bodyBytes, _bodyBytes + length);
        _windowUsed += length;
        if (_windowUsed >= ConnectionWindow / 2)
        {
            Reply(static (answers, used) => answers.WindowUpdate(0, (int)used), _windowUsed);
            _windowUsed = 0;
        }
        if ((flags & Frames.EndStream) != 0)
        {
            Complete(streamId);
        }
        else if (length > 0)
        {
            // Given back at once, so that no stream needs an account. A push is a single frame and never gets here.
            Reply(static (answers, to) => answers.WindowUpdate((int)(to >> 32), (int)to), ((long)streamId << 32) | (uint)length);
        }
        return null;
    }

    private string? TakeHeaders(byte flags, int streamId)
    {
        var ends = (flags & Frames.EndStream) != 0;
        if ((streamId & 1) == 0)
        {
            return "not a client's stream";
        }
        if (streamId <= _lastStream && !ends)
        {
            return "stream used again"; // what ends a stream are trailers
        }
        _lastStream = Math.Max(_lastStream, streamId);
        EndBlock(flags, streamId, ends);
        return null;
    }

    private void EndBlock(byte flags, int streamId, bool ends)
    {
        if ((flags & Frames.EndHeaders) == 0)
        {
            (_blockOf, _blockEnds) = (streamId, ends);
            return;
        }
        _blockOf = 0;
        if (ends)
        {
            Complete(streamId);
        }
    }

    private void Complete(int streamId)
    {
        if (_completed == _complete.Length)
        {
            Array.Resize(ref _complete, _complete.Length * 2); // at most what fits into one read
        }
        _complete[_completed++] = streamId;
    }

    private (uint Error, string Why)? AnswerCompleted()
    {
        var completed = _complete.AsSpan(0, _completed);
        _completed = 0;
        if (_late is not null)
        {
            if (_late.Add(completed) > _options.Streams)
            {
                return (Frames.RefusedStream, "Maximum active streams violated for this endpoint."); // as APNs says it
            }
            completed = [];
        }
        lock (_writing)
        {
            foreach (var streamId in completed)
            {
                _answers.Answer(streamId);
            }
            Count(completed.Length);
            _answers.Flush();
        }
        return null;
    }

    /// <summary>Adds a frame that is not an answer; it goes out with the next flush.</summary>
    private void Reply(Action<AnswerBuffer, long> add, long value)
    {
        lock (_writing)
        {
            add(_answers, value);
        }
    }

    /// <summary>Before the answers go out, so that whoever has seen the last one finds it counted.</summary>
    private void Count(int answered) => Volatile.Write(ref _answered, _answered + answered);
}

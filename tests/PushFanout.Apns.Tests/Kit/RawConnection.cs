using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>The server's end of one connection of <see cref="RawApns"/>, frame by frame.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    public const int NoError = 0;
    public const int InternalError = 2;
    public const int RefusedStream = 7;

    private const byte Data = 0, Headers = 1, RstStream = 3, Settings = 4, Ping = 6, GoAwayFrame = 7, WindowUpdate = 8;
    private const int EndStream = 1, Ack = 1, EndHeaders = 4;
    private const ushort MaxConcurrentStreams = 3;

    private readonly Stream stream;
    private readonly Func<RawConnection, int, Task> onPush;
    private readonly SemaphoreSlim writing = new(1);
    private readonly ConcurrentDictionary<int, bool> open = new();
    private readonly ConcurrentQueue<int> limitsUnderWay = new();
    private readonly Task reading;
    private int limit = int.MaxValue;

    public RawConnection(Stream stream, int streamLimit, Func<RawConnection, int, Task> onPush)
    {
        this.stream = stream;
        this.onPush = onPush;
        reading = ReadAsync(streamLimit);
    }

    /// <summary>Whole requests so far.</summary>
    public int Pushes { get; private set; }

    /// <summary>Most streams open at once.</summary>
    public int MostOpen { get; private set; }

    /// <summary>Streams opened although the limit that the client had acknowledged was reached.</summary>
    public int Violations { get; private set; }

    public int LastStream { get; private set; }

    /// <summary>Streams with a whole request and no answer.</summary>
    public IReadOnlyList<int> Waiting => [.. open.Where(entry => entry.Value).Select(entry => entry.Key).Order()];

    public Task LimitStreamsAsync(int streams)
    {
        limitsUnderWay.Enqueue(streams);
        var payload = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(payload, MaxConcurrentStreams);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(2), streams);
        return WriteAsync(Settings, 0, 0, payload);
    }

    /// <summary>Answers with a bare status (200, 400, 404, 500: those that HPACK has), or with headers and body.</summary>
    public async Task AnswerAsync(int id, int status = 200, string? body = null, params (string Name, string Value)[] headers)
    {
        open.TryRemove(id, out _);
        List<byte> block = [StatusBlock(status)];
        foreach (var (name, value) in headers)
        {
            block.AddRange([0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)]);
        }
        await WriteAsync(Headers, EndHeaders | (body is null ? EndStream : 0), id, [.. block]);
        if (body is not null)
        {
            await WriteAsync(Data, EndStream, id, Encoding.UTF8.GetBytes(body));
        }
    }

    /// <summary>Answers with this header block and nothing more.</summary>
    public Task AnswerWithBlockAsync(int id, byte[] block)
    {
        open.TryRemove(id, out _);
        return WriteAsync(Headers, EndHeaders | EndStream, id, block);
    }

    /// <summary>Sends the head of an answer whose body never comes.</summary>
    public Task StartAnswerAsync(int id, int status) => WriteAsync(Headers, EndHeaders, id, [StatusBlock(status)]);

    public Task ResetAsync(int id, int errorCode)
    {
        open.TryRemove(id, out _);
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, errorCode);
        return WriteAsync(RstStream, 0, id, payload);
    }

    public Task GoAwayAsync(int lastStream, int errorCode = NoError, string debug = "")
    {
        var payload = new byte[8 + debug.Length];
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStream);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), errorCode);
        Encoding.ASCII.GetBytes(debug, payload.AsSpan(8));
        return WriteAsync(GoAwayFrame, 0, 0, payload);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        await reading;
        writing.Dispose();
    }

    public ValueTask CloseAsync() => stream.DisposeAsync();

    private static byte StatusBlock(int status) => status switch
    {
        200 => 0x88,
        400 => 0x8c,
        404 => 0x8d,
        500 => 0x8e,
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    private async Task ReadAsync(int streamLimit)
    {
        try
        {
            await stream.ReadExactlyAsync(new byte[24]); // the client's preface
            await LimitStreamsAsync(streamLimit);
            var head = new byte[9];
            while (true)
            {
                await stream.ReadExactlyAsync(head);
                var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await stream.ReadExactlyAsync(payload);
                await HandleAsync(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // the end of the connection
        }
    }

    private async Task HandleAsync(byte type, byte flags, int id, byte[] payload)
    {
        switch (type)
        {
            case Headers:
                Violations += open.Count >= limit ? 1 : 0;
                open[id] = false;
                MostOpen = Math.Max(MostOpen, open.Count);
                LastStream = id;
                break;
            case Data:
                if (payload.Length > 0)
                {
                    var increment = new byte[4];
                    BinaryPrimitives.WriteInt32BigEndian(increment, payload.Length);
                    await WriteAsync(WindowUpdate, 0, 0, increment);
                }
                if ((flags & EndStream) != 0 && open.ContainsKey(id))
                {
                    open[id] = true;
                    Pushes++;
                    await onPush(this, id);
                }
                break;
            case RstStream:
                open.TryRemove(id, out _);
                break;
            case Settings when (flags & Ack) != 0:
                limit = limitsUnderWay.TryDequeue(out var acknowledged) ? acknowledged : limit;
                break;
            case Settings:
                await WriteAsync(Settings, Ack, 0, []);
                break;
            case Ping when (flags & Ack) == 0:
                await WriteAsync(Ping, Ack, 0, payload);
                break;
        }
    }

    private async Task WriteAsync(byte type, int flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await writing.WaitAsync();
        try
        {
            await stream.WriteAsync(frame);
        }
        finally
        {
            writing.Release();
        }
    }
}

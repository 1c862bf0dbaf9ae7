using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>What a raw server leaves out or says otherwise than a decent one.</summary>
internal sealed record RawManners
{
    /// <summary>The first bytes it sends; null for SETTINGS with its stream limit.</summary>
    public byte[]? Greeting { get; init; }
    public bool AcknowledgesSettings { get; init; } = true;
    public bool AnswersPings { get; init; } = true;
    /// <summary>Whether bodies that have come are given back to the window of the connection.</summary>
    public bool WidensConnection { get; init; } = true;
    /// <summary>The window that streams begin with; null for HTTP/2's own.</summary>
    public int? InitialWindow { get; init; }
}

/// <summary>The server's end of one connection of <see cref="RawApns"/>, frame by frame.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    public const int NoError = 0;
    public const int InternalError = 2;
    public const int RefusedStream = 7;

    private const byte Data = 0, Headers = 1, RstStream = 3, Settings = 4, Ping = 6, GoAwayFrame = 7, WindowUpdate = 8;
    private const int EndStream = 1, Ack = 1, EndHeaders = 4;
    private const ushort MaxConcurrentStreams = 3, InitialWindowSize = 4;

    private readonly Stream stream;
    private readonly Func<RawConnection, int, Task> onPush;
    private readonly SemaphoreSlim writing = new(1);
    private readonly ConcurrentDictionary<int, bool> open = new();
    private readonly ConcurrentQueue<int> limitsUnderWay = new();
    private Task reading = Task.CompletedTask;
    private readonly RawManners manners;
    private int limit = int.MaxValue;

    public RawConnection(Stream stream, RawManners manners, Func<RawConnection, int, Task> onPush)
    {
        this.stream = stream;
        this.onPush = onPush;
        this.manners = manners;
    }

    /// <summary>To be called once, when whoever looks for the connection can find it.</summary>
    public void Start(int streamLimit) => reading = ReadAsync(streamLimit);

    /// <summary>Whole requests so far.</summary>
    public int Pushes { get; private set; }

    /// <summary>Most streams open at once.</summary>
    public int MostOpen { get; private set; }

    /// <summary>How many of our SETTINGS the client has acknowledged.</summary>
    public int SettingsAcknowledged { get; private set; }

    /// <summary>Streams opened although the limit that the client had acknowledged was reached.</summary>
    public int Violations { get; private set; }

    public int LastStream { get; private set; }

    /// <summary>PINGs that the client sent by itself.</summary>
    public int Pings { get; private set; }

    /// <summary>Bytes of bodies so far.</summary>
    public int BodyBytes { get; private set; }

    /// <summary>Streams that the client reset, and why.</summary>
    public ConcurrentQueue<(int Id, int ErrorCode)> Resets { get; } = new();

    /// <summary>The error code of the client's GOAWAY; null while it has sent none.</summary>
    public int? LastWord { get; private set; }

    /// <summary>Completes when the client has closed its end or broken off.</summary>
    public Task Closed => reading;

    /// <summary>Streams with a whole request and no answer.</summary>
    public IReadOnlyList<int> Waiting => [.. open.Where(entry => entry.Value).Select(entry => entry.Key).Order()];

    /// <summary>Sends these bytes, whatever they are.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await writing.WaitAsync();
        try
        {
            await stream.WriteAsync(bytes);
        }
        finally
        {
            writing.Release();
        }
    }

    public Task SendAsync(byte type, int flags, int id, params byte[] payload) => WriteAsync(type, flags, id, payload);

    public Task LimitStreamsAsync(int streams)
    {
        limitsUnderWay.Enqueue(streams);
        return WriteAsync(Settings, 0, 0, Setting(MaxConcurrentStreams, streams));
    }

    /// <summary>Changes the window that streams begin with, and with it that of the open ones.</summary>
    public Task ChangeWindowAsync(int bytes)
    {
        limitsUnderWay.Enqueue(limit);
        return WriteAsync(Settings, 0, 0, Setting(InitialWindowSize, bytes));
    }

    public Task WidenAsync(int id, int bytes)
    {
        var increment = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        return WriteAsync(WindowUpdate, 0, id, increment);
    }

    /// <summary>Everything sent so far has been read by the client: read later, it would count as a sign of life of then.</summary>
    public async Task HeardAsync()
    {
        var before = SettingsAcknowledged;
        limitsUnderWay.Enqueue(limit);
        await WriteAsync(Settings, 0, 0, []);
        await Eventually.TrueAsync(() => SettingsAcknowledged > before, TimeSpan.FromSeconds(60), "what was sent last acknowledged");
    }

    private static byte[] Setting(ushort id, int value)
    {
        var setting = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(setting, id);
        BinaryPrimitives.WriteInt32BigEndian(setting.AsSpan(2), value);
        return setting;
    }

    private async Task GreetAsync(int streamLimit)
    {
        if (manners.Greeting is { } greeting)
        {
            if (greeting.Length > 0) // an empty TLS record reads as the end
            {
                await SendAsync(greeting);
            }
            return;
        }
        limitsUnderWay.Enqueue(streamLimit);
        await WriteAsync(
            Settings, 0, 0, [.. Setting(MaxConcurrentStreams, streamLimit), .. manners.InitialWindow is { } window ? Setting(InitialWindowSize, window) : []]);
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

    /// <summary>Says no more, and goes on to listen.</summary>
    public Task EndWritingAsync() => ((System.Net.Security.SslStream)stream).ShutdownAsync();

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
            await GreetAsync(streamLimit);
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
                    BodyBytes += payload.Length;
                    if (manners.WidensConnection)
                    {
                        await WidenAsync(0, payload.Length);
                    }
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
                Resets.Enqueue((id, BinaryPrimitives.ReadInt32BigEndian(payload)));
                break;
            case GoAwayFrame:
                LastWord = BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4));
                break;
            case Settings when (flags & Ack) != 0:
                limit = limitsUnderWay.TryDequeue(out var acknowledged) ? acknowledged : limit;
                SettingsAcknowledged++;
                break;
            case Settings when manners.AcknowledgesSettings:
                await WriteAsync(Settings, Ack, 0, []);
                break;
            case Ping when (flags & Ack) == 0:
                if (manners.AnswersPings)
                {
                    await WriteAsync(Ping, Ack, 0, payload);
                }
                Pings++;
                break;
        }
    }

    private Task WriteAsync(byte type, int flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        return SendAsync(frame);
    }
}

using System.Buffers.Binary;
using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Transport;

/// <summary>
/// Servers that flood, lie, or speak no HTTP/2: the connection is closed with the error that says why, the push that was on it is ambiguous,
/// the next one goes out on a new connection.
/// </summary>
public sealed class HostilePeerTests
{
    private const int Times = 20_000;
    private const byte Data = 0, Headers = 1, Priority = 2, RstStream = 3, Settings = 4, PushPromise = 5, Ping = 6, WindowUpdate = 8, Continuation = 9;
    private const int ProtocolError = 1, FlowControlError = 3, FrameSizeError = 6, CompressionError = 9, EnhanceYourCalm = 11;

    private static readonly Dictionary<string, (int Error, byte[] Bytes)> Attacks = new()
    {
        ["a flood of PING"] = (EnhanceYourCalm, Many(Frame(Ping, 0, 0, new byte[8]))),
        ["a flood of PING answers"] = (EnhanceYourCalm, Many(Frame(Ping, 1, 0, new byte[8]))),
        ["a flood of SETTINGS"] = (EnhanceYourCalm, Many(Frame(Settings, 0, 0))),
        ["a flood of SETTINGS acknowledgements"] = (EnhanceYourCalm, Many(Frame(Settings, 1, 0))),
        ["a flood of RST_STREAM"] = (EnhanceYourCalm, Many(Frame(RstStream, 0, 1, new byte[4]))),
        ["a flood of empty DATA"] = (EnhanceYourCalm, [.. Frame(Headers, 4, 3, 0x8c), .. Many(Frame(Data, 0, 3))]),
        ["a flood of WINDOW_UPDATE"] = (EnhanceYourCalm, Many(Frame(WindowUpdate, 0, 0, 0, 0, 0, 1))),
        ["a flood of PRIORITY"] = (EnhanceYourCalm, Many(Frame(Priority, 0, 1, new byte[5]))),
        ["a flood of unknown frames"] = (EnhanceYourCalm, Many(Frame(99, 0, 0, new byte[5]))),
        ["a flood of interim answers"] = (EnhanceYourCalm, Many(Frame(Headers, 4, 3, [0x08, 3, .. "103"u8]))),
        ["a flood of answers to a stream that has ended"] = (EnhanceYourCalm, Many(Frame(Headers, 5, 1, 0x88))),
        ["DATA without end on a stream that has ended"] = (EnhanceYourCalm, Many(Frame(Data, 0, 1, new byte[16_384]), 2000)),
        ["CONTINUATION without end"] = (EnhanceYourCalm, [.. Frame(Headers, 0, 3), .. Many(Frame(Continuation, 0, 3))]),
        ["a header block of a megabyte"] = (EnhanceYourCalm, [.. Frame(Headers, 0, 3), .. Many(Frame(Continuation, 0, 3, new byte[16_384]), 64)]),
        ["a bomb of header references"] = (EnhanceYourCalm, Frame(Headers, 5, 3, [0x88, .. Bomb()])),
        ["a header block that is none"] = (CompressionError, Frame(Headers, 5, 3, 0xff, 0xff, 0xff, 0xff, 0xff)),
        ["a reference to a field that was never sent"] = (CompressionError, Frame(Headers, 5, 3, 0x88, 0xfe)),
        ["a connection window beyond all measure"] = (FlowControlError, Frame(WindowUpdate, 0, 0, 0x7f, 0xff, 0xff, 0xff)),
        ["a stream window beyond all measure by SETTINGS"] = (FlowControlError, [.. Frame(Settings, 0, 0, 0, 4, 0x80, 0, 0, 0)]),
        ["WINDOW_UPDATE by nothing"] = (ProtocolError, Frame(WindowUpdate, 0, 0, 0, 0, 0, 0)),
        ["a frame that is too large"] = (FrameSizeError, Frame(Data, 0, 3, new byte[16_385])),
        ["SETTINGS of a wrong size"] = (FrameSizeError, Frame(Settings, 0, 0, 1)),
        ["PING of a wrong size"] = (FrameSizeError, Frame(Ping, 0, 0, 1)),
        ["DATA with more padding than frame"] = (ProtocolError, Frame(Data, 8, 3, 200, 0)),
        ["an answer on a stream that nobody opened"] = (ProtocolError, Frame(Headers, 5, 99_999, 0x88)),
        ["a reset of a stream that nobody opened"] = (ProtocolError, Frame(RstStream, 0, 5, new byte[4])),
        ["a stream of the server's own"] = (ProtocolError, Frame(Headers, 5, 2, 0x88)),
        ["PUSH_PROMISE"] = (ProtocolError, Frame(PushPromise, 4, 3, 0, 0, 0, 2, 0x82)),
        ["DATA on stream 0"] = (ProtocolError, Frame(Data, 0, 0, 1)),
        ["a CONTINUATION of nothing"] = (ProtocolError, Frame(Continuation, 4, 3, 0x88)),
        ["a header block with a PING inside"] = (ProtocolError, [.. Frame(Headers, 0, 3, 0x88), .. Frame(Ping, 0, 0, new byte[8])]),
        ["HTTP/1.1"] = (FrameSizeError, [.. "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8]),
    };

    public static TheoryData<string> Names => [.. Attacks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_connection_ends_and_the_next_one_serves(string attack)
    {
        var (error, bytes) = Attacks[attack];
        RawConnection? attacker = null;
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 2 && Interlocked.CompareExchange(ref attacker, connection, null) is null)
            {
                await SendAllAsync(connection, bytes);
                return;
            }
            await connection.AnswerAsync(id);
        });
        var client = server.NewClient();
        await client.SendAsync();

        var hit = await client.SendAsync();
        var next = await client.SendAsync();

        // An error whose beginning came before the attack is judged by its status.
        (Answer, ApnsReason)[] either = [(Answer.Ambiguous, ApnsReason.ConnectionLost), (Answer.Transient, ApnsReason.UnreadableAnswer)];
        Assert.Contains((hit.Answer, hit.Reason), either);
        Assert.Equal(Answer.Accepted, next.Answer);
        var closed = server.Events.First(happened => happened.Kind == ApnsConnectionEventKind.Closed);
        Assert.StartsWith($"{(ErrorName)error}: ", closed.Detail, StringComparison.Ordinal);
        await attacker!.Closed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(attacker.LastWord is null || attacker.LastWord == error); // it may not have listened any more
    }

    [Theory]
    [InlineData("", "something else than SETTINGS first")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "16,384")]
    public async Task A_server_that_does_not_begin_with_SETTINGS_gets_no_push(string greeting, string why)
    {
        byte[] bytes = greeting.Length == 0 ? Frame(Ping, 0, 0, new byte[8]) : System.Text.Encoding.ASCII.GetBytes(greeting);
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { Greeting = bytes });
        var client = server.NewClient(startTimeout: 0.5);

        var answer = await client.SendAsync();

        Assert.Equal(Answer.Unprocessed, answer.Answer);
        Assert.All(server.Connections, connection => Assert.Equal(0, connection.Pushes));
        await Eventually.TrueAsync(
            () => server.Events.Any(happened => happened.Detail?.Contains(why, StringComparison.Ordinal) == true), TimeSpan.FromSeconds(60), "the fault");
    }

    private static byte[] Frame(byte type, int flags, int id, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = (byte)flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static byte[] Many(byte[] frame, int times = Times)
    {
        var all = new byte[frame.Length * times];
        for (var i = 0; i < times; i++)
        {
            frame.CopyTo(all, i * frame.Length);
        }
        return all;
    }

    /// <summary>A field of 4,000 bytes that is to be kept, and then a few thousand times the byte that refers to it.</summary>
    private static byte[] Bomb() => [0x40, 1, (byte)'x', 0x7f, 0xa1, 0x1e, .. new byte[4000], .. Enumerable.Repeat((byte)0xbe, 10_000)];

    private static async Task SendAllAsync(RawConnection connection, byte[] bytes)
    {
        try
        {
            await connection.SendAsync(bytes);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // the client had enough
        }
    }

    private enum ErrorName
    {
        ProtocolError = HostilePeerTests.ProtocolError,
        FlowControlError = HostilePeerTests.FlowControlError,
        FrameSizeError = HostilePeerTests.FrameSizeError,
        CompressionError = HostilePeerTests.CompressionError,
        EnhanceYourCalm = HostilePeerTests.EnhanceYourCalm,
    }
}

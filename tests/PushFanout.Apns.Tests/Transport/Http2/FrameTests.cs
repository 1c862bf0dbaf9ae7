using System.Text;
using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Tests.Transport.Http2;

public sealed class FrameTests
{
    private readonly FrameReader reader = new();

    [Fact]
    public void What_the_writer_writes_the_reader_reads_also_byte_by_byte()
    {
        var writer = new FrameWriter(4096);
        writer.Settings([new(SettingId.HeaderTableSize, 0), new(SettingId.EnablePush, 0)]);
        writer.SettingsAck();
        writer.Ping(0x0102030405060708, ack: false);
        writer.Ping(1, ack: true);
        writer.WindowUpdate(0, 1_000_000);
        writer.RstStream(5, ErrorCode.Cancel);
        writer.GoAway(ErrorCode.NoError);
        "block"u8.CopyTo(writer.HeaderBlock);
        writer.EndHeaders(7, 5, endStream: false);
        writer.Data(7, "body"u8, endStream: true);

        string[] expected =
        [
            "Settings 00 0 000100000000000200000000", "Settings 01 0 ", "Ping 00 0 0102030405060708", "Ping 01 0 0000000000000001",
            "WindowUpdate 00 0 000f4240", "RstStream 00 5 00000008", "GoAway 00 0 0000000000000000",
            $"Headers 04 7 {Convert.ToHexStringLower("block"u8)}", $"Data 01 7 {Convert.ToHexStringLower("body"u8)}",
        ];
        Assert.Equal(expected, Read(writer.Written.Span));
        List<string> piecemeal = [];
        var from = 0;
        for (var end = 1; end <= writer.Length; end++)
        {
            var input = writer.Written.Span[from..end];
            while (reader.TryRead(ref input, out var frame, out var fault))
            {
                piecemeal.Add(Show(frame));
            }
            from = end - input.Length;
        }
        Assert.Equal(expected, piecemeal);
    }

    [Fact]
    public void The_preface_is_the_one_of_the_RFC()
    {
        var writer = new FrameWriter(100);
        writer.Preface();
        Assert.Equal("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a", Convert.ToHexStringLower(writer.Written.Span));
    }

    [Fact]
    public void Padding_and_priority_are_taken_off_and_the_reserved_bit_means_nothing()
    {
        Assert.Equal(
            ["Data 08 3 6869", "Headers 2c 3 88", "Data 01 3 "],
            Read(Frame(0, 8, 3, "03", "6869", "000000"), Frame(1, 0x2c, 3, "02", "0000000110", "88", "0000"), Frame(0, 1, 3 | int.MinValue)));
    }

    [Fact]
    public void A_block_in_pieces_is_one_block()
    {
        Assert.Equal(
            [$"Headers 01 3 8861626364"], Read(Frame(1, 1, 3, "88"), Frame(9, 0, 3, "6162"), Frame(9, 0, 3), Frame(9, 4, 3, "6364")));
        Assert.Equal(["Headers 00 5 99"], Read(Frame(1, 0, 5), Frame(9, 4, 5, "99"))); // nothing of the first one is left
    }

    [Fact]
    public void A_frame_of_an_unknown_kind_is_read_like_any_other() => Assert.Equal(["200 00 9 616263"], Read(Frame(200, 0, 9, "616263")));

    [Theory]
    [InlineData("004001000100000001", nameof(ErrorCode.FrameSizeError))] // 16,385 bytes
    [InlineData("ffffff000000000001", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000000000100000000", nameof(ErrorCode.ProtocolError))] // DATA on stream 0
    [InlineData("000001010400000000" + "88", nameof(ErrorCode.ProtocolError))] // HEADERS on stream 0
    [InlineData("000004030000000000" + "00000000", nameof(ErrorCode.ProtocolError))] // RST_STREAM on stream 0
    [InlineData("000003030000000001" + "000000", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000000040000000001", nameof(ErrorCode.ProtocolError))] // SETTINGS on a stream
    [InlineData("000005040000000000" + "0000000000", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000006040100000000" + "000000000000", nameof(ErrorCode.FrameSizeError))] // an acknowledgement with content
    [InlineData("000004050400000001" + "00000002", nameof(ErrorCode.ProtocolError))] // PUSH_PROMISE
    [InlineData("000007060000000000" + "00000000000000", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000008060000000001" + "0000000000000000", nameof(ErrorCode.ProtocolError))] // PING on a stream
    [InlineData("000007070000000000" + "00000000000000", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000008070000000003" + "0000000000000000", nameof(ErrorCode.ProtocolError))] // GOAWAY on a stream
    [InlineData("000003080000000001" + "000000", nameof(ErrorCode.FrameSizeError))]
    [InlineData("000004020000000001" + "00000000", nameof(ErrorCode.FrameSizeError))] // PRIORITY
    [InlineData("000000090400000001", nameof(ErrorCode.ProtocolError))] // CONTINUATION of nothing
    [InlineData("000000000800000001", nameof(ErrorCode.ProtocolError))] // no room for the length of the padding
    [InlineData("000002000800000001" + "0200", nameof(ErrorCode.ProtocolError))] // more padding than frame
    [InlineData("000005012c00000001" + "0000000000", nameof(ErrorCode.ProtocolError))]
    [InlineData("000000010000000001" + "000000090400000003", nameof(ErrorCode.ProtocolError))] // continued on another stream
    [InlineData("000000010000000001" + "000008060000000000", nameof(ErrorCode.ProtocolError))] // a PING in the middle of a block
    public void What_no_server_may_send_is_a_fault(string hex, string code)
    {
        ReadOnlySpan<byte> input = Convert.FromHexString(hex);
        Assert.False(reader.TryRead(ref input, out _, out var fault));
        Assert.Equal(code, fault?.Code.ToString());
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(16_384, 10)]
    public void A_header_block_without_end_is_given_up_soon(int size, int times)
    {
        ReadOnlySpan<byte> first = Frame(1, 0, 1);
        reader.TryRead(ref first, out _, out var fault);
        for (; fault is null && times > 0; times--)
        {
            ReadOnlySpan<byte> more = Frame(9, 0, 1, Convert.ToHexString(new byte[size]));
            Assert.False(reader.TryRead(ref more, out _, out fault));
        }
        Assert.Equal(ErrorCode.EnhanceYourCalm, fault?.Code);
    }

    [Theory]
    [InlineData("""{"reason":"Shutdown"}""", "Shutdown")]
    [InlineData("""{"reason":"NewWord"}""", "NewWord")]
    [InlineData("Maximum active streams violated for this endpoint.", "Maximum active streams violated for this endpoint.")]
    [InlineData("{\"no\":\"reason\"}", "{\"no\":\"reason\"}")]
    [InlineData("line\nbreak ü", "line?break ??")]
    [InlineData("no /3/device/00FC13ADFF785122", "no /3/device/****************")]
    [InlineData("no bearer eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJUMSJ9.c2ln", "no bearer ********************.****************.c2ln")]
    [InlineData("""{"reason":"00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"}""", "****************************************************************")]
    [InlineData("", null)]
    public void A_GOAWAY_may_say_why_in_any_form(string debug, string? words)
    {
        var goAway = GoAway.Read([0x80, 0, 0, 7, 0, 0, 0, 2, .. Encoding.UTF8.GetBytes(debug)]);
        Assert.Equal(new GoAway(7, ErrorCode.InternalError, words), goAway);
    }

    [Fact]
    public void The_words_of_a_GOAWAY_are_cut() => Assert.Equal(100, GoAway.Read([0, 0, 0, 0, 0, 0, 0, 0, .. new byte[16_000]]).Words!.Length);

    [Fact]
    public void Settings_are_taken_over_and_unknown_ones_ignored()
    {
        var settings = new Settings();
        var fault = settings.Apply(Convert.FromHexString("000100000100" + "000300000001" + "000100000200" + "000400000007" + "00ffffffffff" + "0003ffffffff"), out var smallest);
        Assert.Null(fault);
        Assert.Equal((512, 256, int.MaxValue, 7), (settings.HeaderTableSize, smallest, settings.MaxConcurrentStreams, settings.InitialWindowSize));
    }

    [Theory]
    [InlineData("000200000001", nameof(ErrorCode.ProtocolError))] // a server that allows pushes
    [InlineData("000480000000", nameof(ErrorCode.FlowControlError))]
    [InlineData("000500003fff", nameof(ErrorCode.ProtocolError))]
    [InlineData("000501000000", nameof(ErrorCode.ProtocolError))]
    public void Settings_that_cannot_be_are_a_fault(string hex, string code) =>
        Assert.Equal(code, new Settings().Apply(Convert.FromHexString(hex), out _)?.Code.ToString());

    private static byte[] Frame(byte type, int flags, int stream, params string[] payload)
    {
        var content = Convert.FromHexString(string.Concat(payload));
        var frame = new byte[FrameHeader.Size + content.Length];
        new FrameHeader(content.Length, (FrameType)type, (FrameFlags)flags, stream).Write(frame);
        content.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    private List<string> Read(params ReadOnlySpan<byte[]> frames) => Read(Joined(frames));

    private static ReadOnlySpan<byte> Joined(ReadOnlySpan<byte[]> frames) => frames.ToArray().SelectMany(frame => frame).ToArray();

    private List<string> Read(ReadOnlySpan<byte> input)
    {
        List<string> frames = [];
        while (reader.TryRead(ref input, out var frame, out var fault))
        {
            frames.Add(Show(frame));
        }
        Assert.True(input.IsEmpty);
        return frames;
    }

    private static string Show(Frame frame) =>
        $"{frame.Header.Type} {(int)frame.Header.Flags:x2} {frame.Header.StreamId} {Convert.ToHexStringLower(frame.Payload)}";
}

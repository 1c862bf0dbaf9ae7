using System.Text;
using PushFanout.Apns.Transport.Http2.Frames;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Bench.Fuzz;

/// <summary>What APNs, or something in its place, sends when all is well.</summary>
internal static class Corpus
{
    public static readonly byte[][] Errors =
    [
        .. new[]
        {
            """{"reason":"BadDeviceToken"}""", """{"reason":"Unregistered","timestamp":1767225600000}""", """{"timestamp":1,"reason":"ExpiredToken"}""",
            """{"reason":"SomethingNew","more":{"a":[1,2,{"b":null}]}}""", """{"reason":"\u00fc\n\ud83d\ude00"}""", """ {"reason":410,"timestamp":"now"}""",
            """{"a":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],"reason":"x"}""", "<html><body>502 Bad Gateway</body></html>", "", "null", "\"reason\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static readonly byte[][] Blocks = MakeBlocks();

    public static readonly byte[][] Streams = MakeStreams();

    private static byte[][] MakeBlocks()
    {
        string[][] answers =
        [
            [":status: 200", "apns-id: 11111111-2222-3333-4444-555555555555"],
            [":status: 400", "apns-id: 11111111-2222-3333-4444-555555555555", "content-type: application/json"],
            [":status: 503", "retry-after: 30", "date: Mon, 21 Oct 2013 20:13:21 GMT", "x: " + new string('y', 300)],
            [":status: 103"], ["grpc-status: 0"], [":method: GET", ":path: /"],
        ];
        List<byte[]> blocks = [];
        foreach (var huffman in new[] { true, false })
        {
            foreach (var indexing in new[] { Indexing.None, Indexing.Incremental })
            {
                var encoder = new HpackEncoder();
                blocks.AddRange(answers.Select(answer => Encode(encoder, answer, indexing, huffman)));
                encoder.LimitTable(100, 0);
                blocks.AddRange(answers.Select(answer => Encode(encoder, answer, indexing, huffman)));
            }
        }
        return [.. blocks];
    }

    private static byte[] Encode(HpackEncoder encoder, string[] fields, Indexing indexing, bool huffman)
    {
        var block = new byte[2000];
        var length = encoder.BeginBlock(block);
        foreach (var field in fields)
        {
            var parts = field.Split(": ", 2);
            length += encoder.Field(block.AsSpan(length), Encoding.ASCII.GetBytes(parts[0]), Encoding.ASCII.GetBytes(parts[1]), indexing, huffman);
        }
        return block[..length];
    }

    private static byte[][] MakeStreams()
    {
        var all = new FrameWriter(4000);
        all.Settings([new(SettingId.MaxConcurrentStreams, 1000), new(SettingId.HeaderTableSize, 4096), new(SettingId.InitialWindowSize, 65_535)]);
        all.SettingsAck();
        all.WindowUpdate(0, 1_000_000);
        all.Ping(1, ack: false);
        for (var i = 0; i < 4; i++)
        {
            Blocks[i].CopyTo(all.HeaderBlock);
            all.EndHeaders(1 + (2 * i), Blocks[i].Length, endStream: i % 2 == 0);
            all.Data(1 + (2 * i), Errors[i], endStream: true);
        }
        all.RstStream(9, ErrorCode.RefusedStream);
        all.GoAway(ErrorCode.NoError);
        return [all.Written.ToArray(), Pieces(), GoAwayWith("""{"reason":"Shutdown"}"""u8), GoAwayWith("Maximum active streams violated for this endpoint."u8)];
    }

    /// <summary>A padded answer, and a block in three frames.</summary>
    private static byte[] Pieces() =>
    [
        0, 0, 5, 1, 0x0c, 0, 0, 0, 1, 3, 0x8c, 0, 0, 0,
        0, 0, 6, 0, 0x09, 0, 0, 0, 1, 2, (byte)'{', (byte)'}', (byte)' ', 0, 0,
        0, 0, 0, 1, 0x01, 0, 0, 0, 3, 0, 0, 2, 9, 0, 0, 0, 0, 3, 0x08, 3, 0, 0, 3, 9, 4, 0, 0, 0, 3, (byte)'2', (byte)'0', (byte)'0',
    ];

    private static byte[] GoAwayWith(ReadOnlySpan<byte> debug) => [0, 0, (byte)(8 + debug.Length), 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, .. debug];
}

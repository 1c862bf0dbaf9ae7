using System.Text;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Tests.Transport.Http2;

/// <summary>The examples of RFC 7541, appendix C, read and written.</summary>
public sealed class HpackVectorTests
{
    private static readonly string[][] Requests =
    [
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
        [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
        [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com", "custom-key: custom-value"],
    ];

    private static readonly string[][] Responses =
    [
        [":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"],
        [":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"],
        [
            ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", "location: https://www.example.com", "content-encoding: gzip",
            "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
        ],
    ];

    [Theory]
    [InlineData(5, 10, "0a")] // C.1.1
    [InlineData(5, 1337, "1f9a0a")] // C.1.2
    [InlineData(8, 42, "2a")] // C.1.3
    public void Integers(int prefix, int value, string hex)
    {
        var written = new byte[8];
        Assert.Equal(hex, Convert.ToHexStringLower(written.AsSpan(0, HpackInteger.Encode(written, 0, prefix, value))));
        ReadOnlySpan<byte> from = Convert.FromHexString(hex);
        Assert.True(HpackInteger.TryDecode(ref from, prefix, out var read));
        Assert.Equal((value, 0), (read, from.Length));
    }

    [Theory]
    [InlineData("400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header", 55)] // C.2.1
    [InlineData("040c2f73616d706c652f70617468", ":path: /sample/path", 0)] // C.2.2
    [InlineData("100870617373776f726406736563726574", "password: secret", 0)] // C.2.3, never indexed
    [InlineData("82", ":method: GET", 0)] // C.2.4
    public void Fields(string hex, string field, int tableSize)
    {
        var decoder = new HpackDecoder();
        Assert.Equal([field], Decode(decoder, hex));
        Assert.Equal(tableSize, decoder.TableSize);
    }

    [Fact]
    public void Requests_without_Huffman() => BothWays(Requests, huffman: false, [57, 110, 164],
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565");

    [Fact]
    public void Requests_with_Huffman() => BothWays(Requests, huffman: true, [57, 110, 164],
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf");

    [Fact]
    public void Responses_without_Huffman_that_evict_each_other() => BothWays(Responses, huffman: false, [222, 222, 215],
        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
        "4803333037c1c0bf",
        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49"
        + "553b206d61782d6167653d333630303b2076657273696f6e3d31");

    [Fact]
    public void Responses_with_Huffman_that_evict_each_other() => BothWays(Responses, huffman: true, [222, 222, 215],
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007");

    /// <summary>Blocks follow each other on one connection, and so do the tables. The responses of the appendix use one of 256 bytes.</summary>
    private static void BothWays(string[][] lists, bool huffman, int[] tableSizes, params string[] blocks)
    {
        var decoder = new HpackDecoder();
        var encoder = new HpackEncoder();
        var written = new byte[1000];
        if (lists == Responses)
        {
            Assert.Empty(Decode(decoder, "3fe101")); // a size update to 256
            encoder.LimitTable(256, 256);
            Assert.Equal("3fe101", Convert.ToHexStringLower(written.AsSpan(0, encoder.BeginBlock(written))));
        }
        for (var i = 0; i < lists.Length; i++)
        {
            Assert.Equal(lists[i], Decode(decoder, blocks[i]));
            Assert.Equal(tableSizes[i], decoder.TableSize);
            var length = encoder.BeginBlock(written);
            foreach (var field in lists[i])
            {
                var colon = field.IndexOf(": ", StringComparison.Ordinal);
                length += encoder.Field(
                    written.AsSpan(length), Encoding.ASCII.GetBytes(field[..colon]), Encoding.ASCII.GetBytes(field[(colon + 2)..]), Indexing.Incremental, huffman);
            }
            Assert.Equal(blocks[i], Convert.ToHexStringLower(written.AsSpan(0, length)));
        }
    }

    private static List<string> Decode(HpackDecoder decoder, string hex)
    {
        ReadOnlySpan<byte> block = Convert.FromHexString(hex);
        List<string> fields = [];
        decoder.Begin();
        HeaderRead read;
        while ((read = decoder.Next(ref block, out var field)) == HeaderRead.Field)
        {
            fields.Add($"{Encoding.ASCII.GetString(field.Name)}: {Encoding.ASCII.GetString(field.Value)}");
        }
        Assert.Equal(HeaderRead.End, read);
        return fields;
    }
}

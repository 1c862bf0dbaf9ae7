using System.Text;
using PushFanout.Apns.Transport.Http2.Hpack;

namespace PushFanout.Apns.Tests.Transport.Http2;

public sealed class HpackTests
{
    private readonly HpackDecoder decoder = new();
    private readonly HpackEncoder encoder = new();
    private readonly byte[] written = new byte[8192];

    [Fact]
    public void The_code_lengths_make_a_complete_code()
    {
        // A prefix code wastes nothing exactly when these add up to one.
        Assert.Equal(1L << 30, Enumerable.Range(0, 257).Sum(symbol => 1L << (30 - HuffmanCode.Lengths[symbol])));
        Assert.Equal((0x1ff8u, 0x3ffffffcu, 0x3fffffffu), (HuffmanCode.Codes[0], HuffmanCode.Codes[10], HuffmanCode.Codes[HuffmanCode.EndOfString]));
    }

    [Fact]
    public void Any_bytes_survive_Huffman()
    {
        var random = new Random(7541);
        var text = new byte[600];
        for (var round = 0; round < 2000; round++)
        {
            var part = text.AsSpan(0, random.Next(text.Length));
            random.NextBytes(part);
            var encoded = new byte[HuffmanEncoder.EncodedLength(part)];
            HuffmanEncoder.Encode(part, encoded);
            var decoded = new byte[part.Length];
            Assert.Equal(part.Length, HuffmanDecoder.Decode(encoded, decoded));
            Assert.True(part.SequenceEqual(decoded));
        }
    }

    [Theory]
    [InlineData("00")] // '0' in five bits, and then zeros where only ones may be
    [InlineData("1fff")] // 'a', and more than seven bits of padding
    [InlineData("ffffffff")] // the end of string, which nobody may send
    public void What_is_no_Huffman_code_is_refused(string hex) => Assert.Equal(-1, HuffmanDecoder.Decode(Convert.FromHexString(hex), new byte[10]));

    [Fact]
    public void A_field_is_sent_once_and_then_as_one_byte()
    {
        Assert.InRange(encoder.Field(written, "apns-topic"u8, "com.example.shop"u8, Indexing.Incremental), 20, 30);
        Assert.Equal(1, encoder.Field(written, "apns-topic"u8, "com.example.shop"u8, Indexing.Incremental));
        Assert.Equal(1, encoder.Field(written, ":scheme"u8, "https"u8, Indexing.None));
    }

    [Fact]
    public void What_is_not_to_be_indexed_leaves_the_table_alone()
    {
        var changes = encoder.TableChanges;
        encoder.Field(written, ":path"u8, "/3/device/00"u8, Indexing.None);
        encoder.Field(written, "authorization"u8, "bearer x"u8, Indexing.None);
        Assert.Equal(changes, encoder.TableChanges);
    }

    [Fact]
    public void A_server_without_a_table_gets_literals_and_is_told_so_once()
    {
        encoder.LimitTable(0, 0);
        Assert.Equal(1, encoder.BeginBlock(written));
        Assert.Empty(Fields(written.AsSpan(0, 1)));
        Assert.Equal(0, encoder.BeginBlock(written));
        for (var i = 0; i < 2; i++)
        {
            var length = encoder.Field(written, "apns-topic"u8, "com.example.shop"u8, Indexing.Incremental);
            Assert.Equal(["apns-topic: com.example.shop"], Fields(written.AsSpan(0, length)));
        }
        Assert.Equal(0, decoder.TableSize);
    }

    [Fact]
    public void A_table_that_shrank_and_grew_again_is_told_with_its_smallest_size()
    {
        encoder.Field(written, "a"u8, "b"u8, Indexing.Incremental);
        encoder.LimitTable(1000, smallest: 0);
        Assert.Equal("203fc907", Convert.ToHexStringLower(written.AsSpan(0, encoder.BeginBlock(written))));
        Assert.InRange(encoder.Field(written, "a"u8, "b"u8, Indexing.Incremental), 3, 5); // it is not there any more
    }

    [Fact]
    public void A_larger_table_than_the_first_one_is_not_used()
    {
        encoder.LimitTable(1 << 20, 1 << 20);
        Assert.Equal(0, encoder.BeginBlock(written));
        Assert.Equal(4096, encoder.TableSize);
    }

    [Fact]
    public void Random_fields_in_a_table_that_changes_its_size_come_out_as_they_went_in()
    {
        var random = new Random(2026);
        for (var block = 0; block < 3000; block++)
        {
            if (random.Next(20) == 0)
            {
                var size = random.Next(3) * random.Next(2000);
                encoder.LimitTable(size, Math.Min(size, random.Next(3000)));
            }
            var length = encoder.BeginBlock(written);
            List<string> expected = [];
            for (var field = random.Next(12); field > 0; field--)
            {
                var name = random.Next(4) == 0 ? ":status" : $"name-{random.Next(40)}";
                var value = new string((char)random.Next(' ', '~'), random.Next(90)) + random.Next(30);
                expected.Add($"{name}: {value}");
                length += encoder.Field(
                    written.AsSpan(length), Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value),
                    random.Next(3) == 0 ? Indexing.None : Indexing.Incremental, random.Next(2) == 0);
            }
            Assert.Equal(expected, Fields(written.AsSpan(0, length)));
            Assert.InRange(decoder.TableSize, 0, 4096);
        }
    }

    [Theory]
    [InlineData("80")] // index 0
    [InlineData("be")] // the first dynamic entry, and there is none
    [InlineData("ffffffffff7f")] // an index without end
    [InlineData("0085")] // a text that is not there
    [InlineData("00ff8080808001")] // a length of 2^28
    [InlineData("000000")] // no name
    [InlineData("8220")] // a size update behind a field
    [InlineData("3fe21f")] // a size update to 4097
    [InlineData("0081ff00")] // Huffman that is none
    [InlineData("44")]
    public void What_is_no_header_block_is_refused(string hex)
    {
        ReadOnlySpan<byte> block = Convert.FromHexString(hex);
        decoder.Begin();
        HeaderRead read;
        while ((read = decoder.Next(ref block, out _)) == HeaderRead.Field)
        {
            // up to the fault
        }
        Assert.Equal(HeaderRead.Broken, read);
    }

    [Fact]
    public void A_server_that_keeps_a_table_although_we_want_none_is_understood_and_one_that_gives_it_up_has_none()
    {
        Assert.Equal(["a: b"], Fields(Convert.FromHexString("4001610162")));
        Assert.Equal(["a: b"], Fields(Convert.FromHexString("be")));

        Assert.Equal(["a: b"], Fields(Convert.FromHexString("204001610162"))); // gives it up, and asks for it to be kept; it is not
        Assert.Equal(0, decoder.TableSize);
        What_is_no_header_block_is_refused("be");
        What_is_no_header_block_is_refused("3fe21f"); // more than anybody was ever allowed
    }

    [Fact]
    public void A_bomb_of_references_is_too_large_and_costs_no_memory()
    {
        var length = encoder.Field(written, "x"u8, new byte[4000], Indexing.Incremental, huffman: false);
        Assert.Single(Fields(written.AsSpan(0, length)));
        ReadOnlySpan<byte> block = Enumerable.Repeat((byte)0xbe, 16_000).ToArray();
        decoder.Begin();
        var fields = 0;
        HeaderRead read;
        while ((read = decoder.Next(ref block, out _)) == HeaderRead.Field)
        {
            fields++;
        }
        Assert.Equal((HeaderRead.TooLarge, 4), (read, fields));
    }

    private List<string> Fields(ReadOnlySpan<byte> block)
    {
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

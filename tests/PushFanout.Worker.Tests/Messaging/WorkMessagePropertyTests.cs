using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using PushFanout.Testing;
using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Messaging;

public sealed class WorkMessagePropertyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static Gen<byte[]> AnyByte => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();

    private static Gen<byte[]> AnyToken =>
        from length in Gen.OneOf(Gen.Choose(1, 100), Gen.Elements(1, 32, 100))
        from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length)
        select bytes;

    private static Gen<byte[][]> AnyTokens =>
        from count in Gen.OneOf(Gen.Choose(0, 40), Gen.Elements(0, 1, 500))
        from tokens in AnyToken.ArrayOf(count)
        select tokens;

    [Fact]
    public void Packed_tokens_are_what_was_packed_in_its_order() => Properties.Check(AnyTokens, Properties.OneLess, tokens =>
    {
        var packed = Pack(tokens);
        Assert.True(PackedTokens.TryRead(packed.Bytes, out var read));
        Assert.Equal(tokens.Length, read.Count);
        Assert.Equal(tokens, read.ToArray().Select(token => token.ToArray()));
        Assert.Equal(RangeContent.Of(packed).Digest64, RangeContent.Of(read).Digest64);
        if (packed.Bytes.Length > 0)
        {
            Assert.False(PackedTokens.TryRead(packed.Bytes[..^1], out _)); // the last one is cut short
        }
    }, tests: 200);

    [Fact]
    public void A_batch_with_any_tokens_payload_and_numbers_is_read_as_it_was_written()
    {
        var batches =
            from tokens in AnyTokens
            from payload in AnyByte
            from numbers in Gen.Choose(0, int.MaxValue).ArrayOf(5)
            from lane in Gen.Elements(Enum.GetValues<Lane>())
            from text in Gen.Elements("plain", "with \"quotes\" and \\", "über ✓", "")
            select new PushBatch(
                new BatchKey(Guid.NewGuid(), numbers[0], numbers[1], numbers[2], (ulong)numbers[3] * (ulong)numbers[4]), lane, numbers[3], numbers[4],
                new PushTemplate("shop-ios", text, "com.example.shop", "alert", numbers[0] % 11, text, numbers[1], Noon, null, Noon.AddSeconds(numbers[2] % 10_000), numbers[3] % 2 == 0, numbers[4] / 7d),
                payload, Pack(tokens), new RequestOrigin(text, null, Contracts.Report.None), numbers[0] % 2 == 0);
        Properties.Check(batches, _ => [], batch =>
        {
            Assert.Equal(WorkMessageFormat.ReadProblem.None, WorkMessageFormat.TryRead(WorkMessageFormat.Write(batch), out var message));
            var read = Assert.IsType<PushBatch>(message);
            Assert.Equal(batch.Payload.ToArray(), read.Payload.ToArray());
            Assert.Equal(batch.Tokens.Count, read.Tokens.Count);
            Assert.Equal(batch.Tokens.Bytes.ToArray(), read.Tokens.Bytes.ToArray());
            Assert.Equal(batch, read with { Payload = batch.Payload, Tokens = batch.Tokens });
        }, tests: 200);
    }

    [Fact]
    public void A_damaged_work_message_is_a_message_or_unreadable_and_never_throws()
    {
        var good = WorkMessageFormat.Write(new PushBatch(
            new BatchKey(Guid.NewGuid(), 1, 2, 3, 5), Lane.Normal, 4, 6,
            new PushTemplate("shop-ios", null, "com.example.shop", "alert", 10, "c", null, Noon, null, Noon, false, null),
            "{\"aps\":{}}"u8.ToArray(), Pack([[1, 2, 3], [4]]))).ToArray();
        var damages = (from at in Gen.Choose(0, good.Length - 1) from value in Gen.Choose(0, 255) from cut in Gen.Choose(0, 3) select (at, value, cut)).ArrayOf();
        Properties.Check(damages, Properties.OneLess, list =>
        {
            var body = good.ToArray();
            foreach (var (at, value, cut) in list)
            {
                body[at % body.Length] = (byte)value;
                body = cut == 0 ? body[..Math.Max(1, body.Length - value)] : body;
            }
            var problem = WorkMessageFormat.TryRead(body, out var message);
            Assert.Equal(problem is WorkMessageFormat.ReadProblem.None, message is not null);
            if (message is PushBatch batch)
            {
                Assert.Equal(batch.Tokens.Count, batch.Tokens.ToArray().Length);
                Assert.NotEqual(string.Empty, string.Create(CultureInfo.InvariantCulture, $"{batch}"));
            }
        }, tests: 5_000);
    }

    private static PackedTokens Pack(byte[][] tokens)
    {
        var writer = new PackedTokenWriter();
        foreach (var token in tokens)
        {
            writer.Add(token);
        }
        return writer.Written;
    }
}

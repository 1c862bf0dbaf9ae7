using PushFanout.TokenCache;
using PushFanout.Worker.Expansion;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Tests.Expansion;

public sealed class BatchCutterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(20_003)]
    public void Every_token_is_in_exactly_one_batch_in_order_and_offsets_say_where(int tokens)
    {
        var content = Content(tokens, 32);
        var cuts = BatchCutter.Of(content, 500).ToList();

        Assert.Equal(content.Tokens.Bytes.ToArray(), cuts.SelectMany(cut => cut.Tokens.Bytes.ToArray()));
        Assert.Equal(Enumerable.Range(0, cuts.Count), cuts.Select(cut => cut.Index));
        var next = 0;
        foreach (var cut in cuts)
        {
            Assert.Equal(next, cut.Offset);
            Assert.InRange(cut.Tokens.Count, 1, 500);
            next += cut.Tokens.Count;
        }
        Assert.Equal(tokens, next);
    }

    [Fact]
    public void Long_tokens_make_smaller_batches_rather_than_larger_messages()
    {
        var cuts = BatchCutter.Of(Content(2_000, PackedTokens.MaxTokenBytes), 2_000).ToList();

        Assert.All(cuts, cut => Assert.InRange(cut.Tokens.Bytes.Length, 1, BatchCutter.MaxTokenBytes));
        Assert.Equal(2_000, cuts.Sum(cut => cut.Tokens.Count));
    }

    private static RangeContent Content(int tokens, int bytes)
    {
        var random = new Random(17);
        var writer = new PackedTokenWriter(tokens);
        var token = new byte[bytes];
        for (var i = 0; i < tokens; i++)
        {
            random.NextBytes(token);
            writer.Add(token);
        }
        return RangeContent.Of(writer.Written);
    }
}

using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Expansion;

/// <summary>Cuts the tokens of a range into batches. The same content gives the same batches, so that a batch's number means the same on every worker.</summary>
internal static class BatchCutter
{
    /// <summary>Most bytes of packed tokens in a batch; 500 tokens of 100 bytes fit.</summary>
    public const int MaxTokenBytes = 56 * 1024;

    /// <param name="Index">Number of the batch in its range.</param>
    /// <param name="Offset">Position of its first token in the range.</param>
    internal readonly record struct Cut(int Index, int Offset, PackedTokens Tokens);

    /// <summary>The batches of a range in order; none when it is empty.</summary>
    public static IEnumerable<Cut> Of(RangeContent content, int batchTokens)
    {
        var bytes = content.Tokens.Bytes;
        var (start, end, count, offset, index) = (0, 0, 0, 0, 0);
        while (end < bytes.Length)
        {
            var next = end + 1 + bytes.Span[end];
            if (count == batchTokens || next - start > MaxTokenBytes)
            {
                yield return new Cut(index++, offset, new PackedTokens(bytes[start..end], count));
                (offset, start, count) = (offset + count, end, 0);
            }
            end = next;
            count++;
        }
        if (count > 0)
        {
            yield return new Cut(index, offset, new PackedTokens(bytes[start..end], count));
        }
    }
}

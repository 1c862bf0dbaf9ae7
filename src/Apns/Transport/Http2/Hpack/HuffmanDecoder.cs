namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>Looks ten bits up at a time, which is every symbol of ordinary text; longer codes are found by their length.</summary>
internal static class HuffmanDecoder
{
    private const int QuickBits = 10;

    /// <summary>Symbol and length of the code that ten bits begin with; 0 where it is longer.</summary>
    private static readonly ushort[] Quick = MakeQuick();

    private static readonly ushort[] SymbolsByCode = [.. Enumerable.Range(0, HuffmanCode.EndOfString + 1)
        .OrderBy(symbol => HuffmanCode.Lengths[symbol]).ThenBy(symbol => symbol).Select(symbol => (ushort)symbol)];

    /// <summary>For each length: the first code of it, and how many symbols have shorter ones.</summary>
    private static readonly (uint First, int Before, int Count)[] ByLength = MakeByLength();

    /// <returns>How many bytes it is; -1 for what is no Huffman code, or when it does not fit.</returns>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> to)
    {
        var bits = 0ul; // the next bits, highest first
        var count = 0;
        var at = 0;
        var from = 0;
        while (true)
        {
            while (count <= 56 && from < encoded.Length)
            {
                bits |= (ulong)encoded[from++] << (56 - count);
                count += 8;
            }
            if (count == 0)
            {
                return at;
            }
            int symbol;
            int length;
            int quick = Quick[bits >> (64 - QuickBits)];
            if (quick != 0)
            {
                symbol = quick & 0xff;
                length = quick >> 8;
            }
            else if (!TryFindLong(bits, out symbol, out length))
            {
                return -1;
            }
            if (length > count)
            {
                // Padding: less than a byte, all ones, so no more of a code than can be left over.
                return count < 8 && bits >> (64 - count) == (1ul << count) - 1 ? at : -1;
            }
            if (symbol == HuffmanCode.EndOfString || at == to.Length)
            {
                return -1;
            }
            to[at++] = (byte)symbol;
            bits <<= length;
            count -= length;
        }
    }

    private static bool TryFindLong(ulong bits, out int symbol, out int length)
    {
        for (length = QuickBits + 1; length <= HuffmanCode.LongestCode; length++)
        {
            var (first, before, count) = ByLength[length];
            var place = (uint)(bits >> (64 - length)) - first;
            if (place < count)
            {
                symbol = SymbolsByCode[before + place];
                return true;
            }
        }
        symbol = 0;
        return false;
    }

    private static ushort[] MakeQuick()
    {
        var quick = new ushort[1 << QuickBits];
        for (var symbol = 0; symbol < HuffmanCode.EndOfString; symbol++)
        {
            int length = HuffmanCode.Lengths[symbol];
            if (length <= QuickBits)
            {
                var first = HuffmanCode.Codes[symbol] << (QuickBits - length);
                quick.AsSpan((int)first, 1 << (QuickBits - length)).Fill((ushort)((length << 8) | symbol));
            }
        }
        return quick;
    }

    private static (uint First, int Before, int Count)[] MakeByLength()
    {
        var byLength = new (uint First, int Before, int Count)[HuffmanCode.LongestCode + 1];
        var before = 0;
        for (var length = 1; length <= HuffmanCode.LongestCode; length++)
        {
            var count = HuffmanCode.Lengths.Count((byte)length);
            byLength[length] = (count == 0 ? 0 : HuffmanCode.Codes[SymbolsByCode[before]], before, count);
            before += count;
        }
        return byLength;
    }
}

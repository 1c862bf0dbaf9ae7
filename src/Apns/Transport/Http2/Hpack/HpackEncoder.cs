namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>What to do with a field that the other side does not know yet (RFC 7541, section 6.2).</summary>
internal enum Indexing : byte
{
    /// <summary>Both sides remember it: for what comes again.</summary>
    Incremental = 0x40,
    /// <summary>Nobody remembers it: for what is never the same twice.</summary>
    None = 0x00,
}

/// <summary>Makes header blocks. Every block must be sent, and in the order in which they were made.</summary>
internal sealed class HpackEncoder
{
    /// <summary>What both sides begin with. More would only cost the server memory, so a larger permission is not used.</summary>
    private const int LargestTable = Frames.Settings.DefaultHeaderTableSize;

    private readonly DynamicTable table = new(LargestTable);
    private int? smallestSince;

    /// <summary>While it stays the same, the same field is encoded to the same bytes.</summary>
    public long TableChanges => table.Changes;

    public int TableSize => table.MaxSize;

    /// <summary>The server has changed its permission; told to its decoder at the beginning of the next block.</summary>
    /// <param name="smallest">The smallest that it was in between.</param>
    public void LimitTable(int size, int smallest)
    {
        var next = Math.Min(size, LargestTable);
        var least = Math.Min(smallest, next);
        if (least < table.MaxSize)
        {
            smallestSince = Math.Min(smallestSince ?? least, least);
            table.Resize(least);
        }
        if (next != table.MaxSize)
        {
            smallestSince ??= next;
            table.Resize(next);
        }
    }

    /// <returns>How many bytes were written.</returns>
    public int BeginBlock(Span<byte> to)
    {
        if (smallestSince is not { } smallest)
        {
            return 0;
        }
        smallestSince = null;
        var at = smallest < table.MaxSize ? HpackInteger.Encode(to, 0x20, 5, smallest) : 0;
        return at + HpackInteger.Encode(to[at..], 0x20, 5, table.MaxSize);
    }

    /// <summary>Writes a field: by its index where it is known, else as it is.</summary>
    /// <returns>How many bytes were written: at most name and value and ten more.</returns>
    public int Field(Span<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Indexing indexing, bool huffman = true)
    {
        var index = Find(name, value, out var whole);
        if (whole)
        {
            return HpackInteger.Encode(to, 0x80, 7, index);
        }
        var at = HpackInteger.Encode(to, (byte)indexing, indexing == Indexing.Incremental ? 6 : 4, index);
        if (index == 0)
        {
            at += Text(to[at..], name, huffman);
        }
        at += Text(to[at..], value, huffman);
        if (indexing == Indexing.Incremental)
        {
            table.Add(name, value);
        }
        return at;
    }

    /// <summary>Writes the beginning of a field that nobody is to remember, up to its name; the caller adds the value as in <see cref="Text"/>.</summary>
    /// <returns>How many bytes were written.</returns>
    public int NameOfLiteral(Span<byte> to, ReadOnlySpan<byte> name)
    {
        var index = Find(name, default, out _);
        var at = HpackInteger.Encode(to, (byte)Indexing.None, 4, index);
        return index == 0 ? at + Text(to[at..], name) : at;
    }

    /// <summary>Whether the server can be referred to an entry with this name.</summary>
    public bool KnowsName(ReadOnlySpan<byte> name) => Find(name, default, out _) != 0;

    /// <summary>A string literal (RFC 7541, section 5.2), by Huffman where that is not longer.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Text(Span<byte> to, ReadOnlySpan<byte> text, bool huffman = true)
    {
        int at;
        if (huffman && HuffmanEncoder.EncodedLength(text) is var encoded && encoded <= text.Length)
        {
            at = HpackInteger.Encode(to, 0x80, 7, encoded);
            HuffmanEncoder.Encode(text, to[at..]);
            return at + encoded;
        }
        at = HpackInteger.Encode(to, 0, 7, text.Length);
        text.CopyTo(to[at..]);
        return at + text.Length;
    }

    private int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out bool whole)
    {
        var known = StaticTable.Find(name, value, out whole);
        if (whole)
        {
            return known;
        }
        var age = table.Find(name, value, out whole);
        return age >= 0 && (whole || known == 0) ? StaticTable.Count + 1 + age : known;
    }
}

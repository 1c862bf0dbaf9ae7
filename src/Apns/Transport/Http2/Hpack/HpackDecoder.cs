namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>A field as it was decoded; good until the next one.</summary>
internal readonly ref struct HeaderField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Name { get; } = name;
    public ReadOnlySpan<byte> Value { get; } = value;
}

internal enum HeaderRead : byte
{
    Field,
    End,
    /// <summary>No HPACK, or not to be understood: the connection is of no use any more.</summary>
    Broken,
    /// <summary>More fields than we take.</summary>
    TooLarge,
}

/// <summary>
/// Takes header blocks apart: Huffman, dynamic table, size updates. We announce a table of 0, so a decent server sends no reference to earlier
/// blocks. One that does it all the same, as h2o does, is understood as if we had announced nothing: for want of 4 KB no push is lost.
/// </summary>
internal sealed class HpackDecoder
{
    /// <summary>Bytes of all names and values with 32 for each field; announced as MAX_HEADER_LIST_SIZE.</summary>
    public const int MaxHeaderList = 16_384;

    private readonly DynamicTable table = new(Frames.Settings.DefaultHeaderTableSize);
    private readonly byte[] text = new byte[2 * MaxHeaderList];
    private int used;
    private int list;
    private bool atStart;

    /// <summary>Bytes that the dynamic table holds now.</summary>
    public int TableSize => table.Size;

    /// <summary>A new block follows. Every block must be read to its end, also that of a stream that nobody waits for.</summary>
    public void Begin()
    {
        list = 0;
        atStart = true;
    }

    public HeaderRead Next(scoped ref ReadOnlySpan<byte> block, out HeaderField field)
    {
        field = default;
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0xe0) == 0x20)
            {
                if (!atStart || !HpackInteger.TryDecode(ref block, 5, out var size) || size > Frames.Settings.DefaultHeaderTableSize)
                {
                    return HeaderRead.Broken;
                }
                table.Resize(size);
                continue;
            }
            atStart = false;
            used = 0;
            var read = first >= 0x80 ? ReadIndexed(ref block, out field) : ReadLiteral(ref block, (first & 0x40) != 0, out field);
            if (!read)
            {
                return HeaderRead.Broken;
            }
            list += field.Name.Length + field.Value.Length + TableEntry.Overhead;
            return list > MaxHeaderList ? HeaderRead.TooLarge : HeaderRead.Field;
        }
        return HeaderRead.End;
    }

    private bool ReadIndexed(scoped ref ReadOnlySpan<byte> block, out HeaderField field)
    {
        field = default;
        if (!HpackInteger.TryDecode(ref block, 7, out var index) || Find(index) is not { } entry)
        {
            return false;
        }
        field = new HeaderField(entry.Name, entry.Value);
        return true;
    }

    private bool ReadLiteral(scoped ref ReadOnlySpan<byte> block, bool remember, out HeaderField field)
    {
        field = default;
        if (!HpackInteger.TryDecode(ref block, remember ? 6 : 4, out var index))
        {
            return false;
        }
        ReadOnlySpan<byte> name;
        if (index != 0)
        {
            if (Find(index) is not { } entry)
            {
                return false;
            }
            name = entry.Name;
        }
        else if (!TryReadText(ref block, out name) || name.IsEmpty)
        {
            return false;
        }
        if (!TryReadText(ref block, out var value))
        {
            return false;
        }
        if (remember)
        {
            table.Add(name, value);
        }
        field = new HeaderField(name, value);
        return true;
    }

    private TableEntry? Find(int index) =>
        index == 0 ? null
        : index <= StaticTable.Count ? StaticTable.Get(index)
        : index - StaticTable.Count <= table.Count ? table.Get(index - StaticTable.Count - 1)
        : null;

    private bool TryReadText(scoped ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> read)
    {
        read = default;
        var huffman = !block.IsEmpty && block[0] >= 0x80;
        if (!HpackInteger.TryDecode(ref block, 7, out var length) || length > block.Length)
        {
            return false;
        }
        read = block[..length];
        block = block[length..];
        if (!huffman)
        {
            return true;
        }
        var decoded = HuffmanDecoder.Decode(read, text.AsSpan(used));
        if (decoded < 0)
        {
            return false;
        }
        read = text.AsSpan(used, decoded);
        used += decoded;
        return true;
    }
}

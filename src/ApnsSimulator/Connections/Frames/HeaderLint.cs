namespace PushFanout.ApnsSimulator;

/// <summary>
/// Looks at how a client writes its headers (HPACK), not at what they say: Apple wants paths and provider tokens kept out of the
/// table, and names and constants in it. Nothing is decoded; of names only those that matter are known.
/// </summary>
internal sealed class HeaderLint(Action<Finding> notice)
{
    private const int StaticEntries = 61;
    private const int RememberedNames = 256; // more entries than fit in a table of 4096 bytes
    private readonly Name[] inserted = new Name[RememberedNames];
    private long insertions;
    private bool idWasInserted;
    private bool topicWasSent;
    private bool lost;

    private enum Name : byte
    {
        Other,
        Path,
        Authorization,
        Id,
        Topic,
    }

    /// <param name="header">Of a HEADERS frame.</param>
    /// <param name="payload">Its payload.</param>
    public void Examine(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if ((header.Flags & FrameHeader.HasPriority) != 0)
        {
            notice(Finding.PriorityFrame);
        }
        // What this does not follow, a block in several frames, would make every later name wrong.
        lost |= (header.Flags & FrameHeader.EndHeaders) == 0 || !TryUnwrap(header.Flags, ref payload);
        while (!lost && !payload.IsEmpty)
        {
            lost = !TryTakeField(ref payload);
        }
    }

    private static bool TryUnwrap(byte flags, ref ReadOnlySpan<byte> payload)
    {
        var front = ((flags & FrameHeader.Padded) != 0 ? 1 : 0) + ((flags & FrameHeader.HasPriority) != 0 ? 5 : 0);
        var back = (flags & FrameHeader.Padded) != 0 && !payload.IsEmpty ? payload[0] : 0;
        if (front + back > payload.Length)
        {
            return false;
        }
        payload = payload[front..^back];
        return true;
    }

    private bool TryTakeField(ref ReadOnlySpan<byte> block)
    {
        var first = block[0];
        if ((first & 0x80) != 0)
        {
            return TryTakeInteger(ref block, 7, out _);
        }
        if ((first & 0xe0) == 0x20)
        {
            return TryTakeInteger(ref block, 5, out _); // the table's size
        }
        var isIndexed = (first & 0x40) != 0;
        if (!TryTakeName(ref block, isIndexed ? 6 : 4, out var name) || !TryTakeText(ref block, out _))
        {
            return false;
        }
        Judge(name, isIndexed);
        if (isIndexed)
        {
            inserted[insertions++ % RememberedNames] = name;
        }
        return true;
    }

    private void Judge(Name name, bool isIndexed)
    {
        switch (name)
        {
            case Name.Path when isIndexed:
                notice(Finding.PathIndexed);
                break;
            case Name.Authorization when isIndexed:
                notice(Finding.AuthorizationIndexed);
                break;
            case Name.Id:
                if (isIndexed && idWasInserted)
                {
                    notice(Finding.IdIndexedAgain);
                }
                idWasInserted |= isIndexed;
                break;
            case Name.Topic:
                if (!isIndexed && topicWasSent)
                {
                    notice(Finding.TopicNotIndexed);
                }
                topicWasSent = true;
                break;
        }
    }

    private bool TryTakeName(ref ReadOnlySpan<byte> block, int prefixBits, out Name name)
    {
        name = Name.Other;
        if (!TryTakeInteger(ref block, prefixBits, out var index))
        {
            return false;
        }
        if (index == 0)
        {
            var taken = TryTakeText(ref block, out var text);
            name = NameOf(text);
            return taken;
        }
        if (index <= StaticEntries)
        {
            name = index switch { 4 or 5 => Name.Path, 23 => Name.Authorization, _ => Name.Other };
            return true;
        }
        var age = index - StaticEntries; // 1 is the newest
        if (age > Math.Min(insertions, RememberedNames))
        {
            return false;
        }
        name = inserted[(insertions - age) % RememberedNames];
        return true;
    }

    /// <summary>A name as it is, or in Huffman's code.</summary>
    private static Name NameOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual(":path"u8) ? Name.Path
        : text.SequenceEqual("authorization"u8) ? Name.Authorization
        : text.SequenceEqual("apns-id"u8) || text.SequenceEqual((ReadOnlySpan<byte>)[0x1d, 0x75, 0x21, 0x63, 0x49]) ? Name.Id
        : text.SequenceEqual("apns-topic"u8) || text.SequenceEqual((ReadOnlySpan<byte>)[0x1d, 0x75, 0x21, 0x64, 0x9e, 0xb3, 0x13]) ? Name.Topic
        : Name.Other;

    private static bool TryTakeText(ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!TryTakeInteger(ref block, 7, out var length) || length > block.Length)
        {
            return false;
        }
        text = block[..length];
        block = block[length..];
        return true;
    }

    private static bool TryTakeInteger(ref ReadOnlySpan<byte> block, int prefixBits, out int value)
    {
        value = 0;
        if (block.IsEmpty)
        {
            return false;
        }
        var most = (1 << prefixBits) - 1;
        value = block[0] & most;
        block = block[1..];
        for (var shift = 0; value >= most; shift += 7)
        {
            if (block.IsEmpty || shift > 14)
            {
                return false;
            }
            var next = block[0];
            block = block[1..];
            value += (next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                return true;
            }
        }
        return true;
    }
}

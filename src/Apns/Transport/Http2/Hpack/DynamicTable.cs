namespace PushFanout.Apns.Transport.Http2.Hpack;

/// <summary>A header field in a table.</summary>
internal sealed class TableEntry(byte[] name, byte[] value)
{
    /// <summary>RFC 7541, section 4.1: what an entry is said to cost beside its bytes.</summary>
    public const int Overhead = 32;

    public ReadOnlySpan<byte> Name => name;

    public ReadOnlySpan<byte> Value => value;

    public int Size => name.Length + value.Length + Overhead;

    public bool HasName(ReadOnlySpan<byte> other) => name.AsSpan().SequenceEqual(other);

    public bool HasValue(ReadOnlySpan<byte> other) => value.AsSpan().SequenceEqual(other);
}

/// <summary>RFC 7541, section 2.3.2: what one side has sent before, newest first; the oldest leave when it gets too large.</summary>
internal sealed class DynamicTable(int maxSize)
{
    private TableEntry?[] ring = new TableEntry?[16];
    private int newest = -1;

    public int Count { get; private set; }

    public int Size { get; private set; }

    public int MaxSize { get; private set; } = maxSize;

    /// <summary>Entries added or evicted so far: while it stays the same every index means the same.</summary>
    public long Changes { get; private set; }

    /// <param name="age">0 is the newest.</param>
    public TableEntry Get(int age) => ring[(newest - age) & (ring.Length - 1)]!;

    public void Resize(int size)
    {
        MaxSize = size;
        Evict(0);
    }

    /// <summary>An entry larger than the whole table empties it and is not kept.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var size = name.Length + value.Length + TableEntry.Overhead;
        // Copied first: the name may lie in an entry that has to leave.
        var entry = size > MaxSize ? null : new TableEntry(name.ToArray(), value.ToArray());
        Evict(size);
        if (entry is null)
        {
            return;
        }
        if (Count == ring.Length)
        {
            Grow();
        }
        newest = (newest + 1) & (ring.Length - 1);
        ring[newest] = entry;
        Count++;
        Size += size;
        Changes++;
    }

    /// <returns>Age of the field, or of another one with its name and then <paramref name="whole"/> is false; -1 when there is none.</returns>
    public int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out bool whole)
    {
        whole = false;
        var sameName = -1;
        for (var age = 0; age < Count; age++)
        {
            var entry = Get(age);
            if (entry.HasName(name))
            {
                if (entry.HasValue(value))
                {
                    whole = true;
                    return age;
                }
                sameName = sameName < 0 ? age : sameName;
            }
        }
        return sameName;
    }

    private void Evict(int room)
    {
        while (Count > 0 && Size + room > MaxSize)
        {
            var oldest = (newest - Count + 1) & (ring.Length - 1);
            Size -= ring[oldest]!.Size;
            ring[oldest] = null;
            Count--;
            Changes++;
        }
    }

    private void Grow()
    {
        var larger = new TableEntry?[2 * ring.Length];
        for (var age = 0; age < Count; age++)
        {
            larger[Count - 1 - age] = Get(age);
        }
        newest = Count - 1;
        ring = larger;
    }
}

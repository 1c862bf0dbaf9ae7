namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// The open streams by id. Who takes a stream out ends it, and only one can. Ids go up, so a ring holds them; an id whose place is still taken by a
/// stream of long ago is skipped.
/// </summary>
internal sealed class StreamTable
{
    /// <summary>When ids come to their end; some are left for what is under way.</summary>
    private const int LastId = int.MaxValue - 2_000_000;

    private readonly Http2Stream?[] ring;
    private readonly int mask;
    private int next;
    private int open;

    public StreamTable(int mostOpen, int firstId)
    {
        ring = new Http2Stream?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(4 * mostOpen))];
        mask = ring.Length - 1;
        next = firstId;
    }

    /// <summary>Streams that are open for the server, as far as it can know.</summary>
    public int Open => Volatile.Read(ref open);

    public bool IdsAreUsedUp => next > LastId;

    /// <summary>Gives the stream the next id. One at a time.</summary>
    public void Add(Http2Stream stream, int window)
    {
        while (ring[Place(next)] is not null)
        {
            next += 2;
        }
        stream.Open(next, window);
        Volatile.Write(ref ring[Place(next)], stream);
        next += 2;
        Interlocked.Increment(ref open);
    }

    /// <returns>Null when the stream has ended, or was skipped, or never began.</returns>
    public Http2Stream? Find(int id) => Volatile.Read(ref ring[Place(id)]) is { } stream && stream.Id == id ? stream : null;

    public bool IsOpen(Http2Stream stream) => ReferenceEquals(Volatile.Read(ref ring[Place(stream.Id)]), stream);

    /// <returns>False when somebody else has ended it.</returns>
    public bool TryTakeOut(Http2Stream stream) =>
        ReferenceEquals(Interlocked.CompareExchange(ref ring[Place(stream.Id)], null, stream), stream);

    /// <summary>The server does not count it any more.</summary>
    public void Closed() => Interlocked.Decrement(ref open);

    /// <summary>Adds the streams that <paramref name="wanted"/> picks to the list, and takes them out.</summary>
    public void TakeOutWhere(Predicate<Http2Stream> wanted, List<Http2Stream> into)
    {
        foreach (var stream in ring)
        {
            if (stream is not null && wanted(stream) && TryTakeOut(stream))
            {
                into.Add(stream);
            }
        }
    }

    /// <summary>The server has changed the window that streams begin with, which changes that of the open ones.</summary>
    /// <returns>False when one would be too large.</returns>
    public bool TryWidenAll(long by)
    {
        var all = true;
        foreach (var stream in ring)
        {
            all &= stream?.TryWiden(by) ?? true;
        }
        return all;
    }

    private int Place(int id) => (id >> 1) & mask;
}

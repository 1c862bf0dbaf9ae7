namespace PushFanout.ApnsSimulator;

/// <summary>
/// Pushes in the order of their answers, in chunks that are never moved. For one thread at a time.
/// </summary>
internal sealed class PushLog(int capacity)
{
    private const int ChunkSize = 1 << 16; // 2 MB
    private readonly StoredPush[]?[] chunks = new StoredPush[]?[(capacity + ChunkSize - 1) / ChunkSize];

    public int Count { get; private set; }

    public ref readonly StoredPush this[int index] => ref chunks[index / ChunkSize]![index % ChunkSize];

    /// <summary>Keeps a push, unless the log is full.</summary>
    public bool TryAppend(in StoredPush push)
    {
        if (Count >= capacity)
        {
            return false;
        }
        var chunk = chunks[Count / ChunkSize] ??= new StoredPush[ChunkSize];
        chunk[Count % ChunkSize] = push;
        Count++;
        return true;
    }
}

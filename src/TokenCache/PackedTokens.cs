namespace PushFanout.TokenCache;

/// <summary>
/// Device tokens one behind the other in one buffer: a length byte (1–100), then that many bytes, and so on. The order is
/// part of the value: position i of a batch means the i-th token.
/// </summary>
/// <param name="Bytes">The packed bytes; not copied, so the owner must leave them as they are.</param>
/// <param name="Count">How many tokens <paramref name="Bytes"/> holds.</param>
public readonly record struct PackedTokens(ReadOnlyMemory<byte> Bytes, int Count)
{
    /// <summary>The longest token, in bytes (Apple announced up to 100).</summary>
    public const int MaxTokenBytes = 100;

    /// <summary>No tokens.</summary>
    public static PackedTokens Empty { get; }

    /// <summary>
    /// Reads bytes that came from outside. False when a length byte is 0 or over <see cref="MaxTokenBytes"/>, or the last
    /// token is cut short.
    /// </summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out PackedTokens tokens)
    {
        var span = bytes.Span;
        var count = 0;
        for (var at = 0; at < span.Length; count++)
        {
            var length = span[at];
            if (length is 0 or > MaxTokenBytes || at + 1 + length > span.Length)
            {
                tokens = Empty;
                return false;
            }
            at += 1 + length;
        }
        tokens = new PackedTokens(bytes, count);
        return true;
    }

    /// <summary>Walks the tokens in order without allocating.</summary>
    public Enumerator GetEnumerator() => new(Bytes);

    /// <summary>The tokens as slices of <see cref="Bytes"/>, in order; one array for all of them.</summary>
    public ReadOnlyMemory<byte>[] ToArray()
    {
        var tokens = new ReadOnlyMemory<byte>[Count];
        var next = 0;
        foreach (var token in this)
        {
            tokens[next++] = token;
        }
        return tokens;
    }

    /// <summary>Says how many, never which: a device token does not belong in a log.</summary>
    public override string ToString() => $"{Count} tokens";

    /// <summary>Walks packed tokens in order.</summary>
    public struct Enumerator(ReadOnlyMemory<byte> bytes)
    {
        private readonly ReadOnlyMemory<byte> _bytes = bytes;
        private int _next;

        /// <summary>The token's bytes.</summary>
        public ReadOnlyMemory<byte> Current { get; private set; }

        /// <summary>Steps to the next token; false at the end.</summary>
        public bool MoveNext()
        {
            if (_next >= _bytes.Length)
            {
                return false;
            }
            var length = _bytes.Span[_next];
            Current = _bytes.Slice(_next + 1, length);
            _next += 1 + length;
            return true;
        }
    }
}

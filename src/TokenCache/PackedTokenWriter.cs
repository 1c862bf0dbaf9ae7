using System.Buffers;

namespace PushFanout.TokenCache;

/// <summary>Packs tokens one behind the other, see <see cref="PackedTokens"/>. Not for use by two threads at once.</summary>
public sealed class PackedTokenWriter(int expectedTokens = 16)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(Math.Max(64, expectedTokens * 33));

    /// <summary>How many tokens have been added.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they take packed.</summary>
    public int Bytes => _buffer.WrittenCount;

    /// <summary>Adds one token of 1 to <see cref="PackedTokens.MaxTokenBytes"/> bytes.</summary>
    /// <exception cref="ArgumentException">The token is empty or too long. The text never holds the token.</exception>
    public void Add(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty || token.Length > PackedTokens.MaxTokenBytes)
        {
            throw new ArgumentException($"A token has 1 to {PackedTokens.MaxTokenBytes} bytes, this one {token.Length}.", nameof(token));
        }
        var span = _buffer.GetSpan(1 + token.Length);
        span[0] = (byte)token.Length;
        token.CopyTo(span[1..]);
        _buffer.Advance(1 + token.Length);
        Count++;
    }

    /// <summary>What has been written so far; valid until the next <see cref="Add"/> or <see cref="Clear"/>.</summary>
    public PackedTokens Written => new(_buffer.WrittenMemory, Count);

    /// <summary>Starts anew with the same buffer.</summary>
    public void Clear()
    {
        _buffer.ResetWrittenCount();
        Count = 0;
    }
}

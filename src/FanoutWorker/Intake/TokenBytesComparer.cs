using PushFanout.TokenCache;

namespace PushFanout.Worker.Intake;

/// <summary>Tokens are equal when their bytes are.</summary>
internal sealed class TokenBytesComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static TokenBytesComparer Instance { get; } = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> token) => (int)TokenHash.Of(token.Span);
}

namespace PushFanout.TokenCache;

/// <summary>Tokens are the same when their bytes are.</summary>
internal sealed class TokenComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static readonly TokenComparer Instance = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> token) => (int)TokenHash.Of(token.Span);
}

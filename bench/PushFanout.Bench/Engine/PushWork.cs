using System.Text;

namespace PushFanout.Bench.Engine;

/// <summary>What every client has to send, so that all do the same work.</summary>
internal static class PushWork
{
    public const string Topic = "com.example.shop";
    public const string PushType = "alert";
    public const int InFlightPerConnection = 1000;

    /// <summary>As many devices as a cache of header fields could never hold.</summary>
    public const int Devices = 10_000;

    private const int TokenBytes = 32;

    /// <summary>As long as a provider token that <see cref="Apns.ProviderTokenKey"/> signs.</summary>
    public static string Bearer { get; } = "bearer " + string.Concat(Enumerable.Repeat("eyJhbGciOiJFUzI1NiIsImtp", 8))[..186];

    public static byte[] Body { get; } = Encoding.UTF8.GetBytes(
        """{"aps":{"alert":{"title":"Your order is on its way","body":"It left the warehouse this morning and should be with you by Friday at noon."},"sound":"default","badge":12},"order":"2026-11-22-000017-eu"}""");

    public static ReadOnlyMemory<byte>[] Tokens()
    {
        var bytes = new byte[Devices * TokenBytes];
        new Random(1).NextBytes(bytes);
        return [.. Enumerable.Range(0, Devices).Select(device => new ReadOnlyMemory<byte>(bytes, device * TokenBytes, TokenBytes))];
    }

    public static string Path(ReadOnlyMemory<byte> token) => "/3/device/" + Convert.ToHexStringLower(token.Span);
}

using System.Security.Cryptography;
using System.Text;

namespace PushFanout.TokenCache.Tests;

/// <summary>Devices and expressions in few words.</summary>
internal static class TestDevices
{
    public static byte[] Token(int n) => SHA256.HashData(Encoding.ASCII.GetBytes($"token {n}"));

    /// <summary>Audiences of an app; in <paramref name="anyOf"/> a space separates names.</summary>
    public static AudienceExpression Audience(string anyOf = "", string allOf = "", string noneOf = "", string users = "", params byte[][] tokens) =>
        new(Words(anyOf), Words(allOf), Words(noneOf), Words(users), [.. tokens.Select(token => (ReadOnlyMemory<byte>)token)]);

    public static DeviceRegistration Device(int n, DateTimeOffset at, string? user = null, string? deviceId = null, string? audiences = null) =>
        new(Token(n), at, deviceId, user, audiences is null ? null : Words(audiences));

    public static AudienceChange Change(
        string audience, string addUsers = "", byte[][]? addTokens = null, string removeUsers = "", byte[][]? removeTokens = null) =>
        new(audience, Words(addUsers), Memory(addTokens), Words(removeUsers), Memory(removeTokens));

    /// <summary>The tokens as hex, in order, to compare by eye.</summary>
    public static string[] Hex(PackedTokens tokens) => [.. tokens.ToArray().Select(token => Convert.ToHexString(token.Span)).Order(StringComparer.Ordinal)];

    public static string[] Hex(params int[] numbers) => [.. numbers.Select(n => Convert.ToHexString(Token(n))).Order(StringComparer.Ordinal)];

    public static async IAsyncEnumerable<T> Stream<T>(IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            yield return item;
        }
        await Task.CompletedTask;
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ReadOnlyMemory<byte>[] Memory(byte[][]? tokens) => [.. (tokens ?? []).Select(token => (ReadOnlyMemory<byte>)token)];
}

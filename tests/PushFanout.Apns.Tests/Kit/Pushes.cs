using System.Security.Cryptography;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>Notifications and tokens that nobody looks at twice.</summary>
internal static class Pushes
{
    public static readonly ApnsNotification Alert = New();

    public static ApnsNotification New(string? collapseId = null, Guid? seed = null, int payloadBytes = 30) => new()
    {
        Payload = System.Text.Encoding.UTF8.GetBytes("{\"aps\":{\"alert\":\"" + new string('x', payloadBytes - 20) + "\"}}"),
        Topic = "com.example.shop",
        PushType = "alert",
        Priority = 10,
        CollapseId = collapseId,
        ExpirationUnixSeconds = 0,
        IdSeed = seed,
    };

    public static ReadOnlyMemory<byte> Token() => RandomNumberGenerator.GetBytes(32);

    public static ReadOnlyMemory<byte>[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => Token())];

    /// <summary>Sends one push, as most tests do. When a clock stands still its deadlines do as well, and a test that fails would not end.</summary>
    public static Task<PushAnswer> SendAsync(this ApnsClient client, ReadOnlyMemory<byte>? token = null) =>
        client.SendAsync(Alert, token ?? Token(), default, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(120));

    /// <summary>Sends to many tokens and returns the answers, each of which came exactly once.</summary>
    public static async Task<PushAnswer[]> SendAsync(
        this ApnsClient client, ReadOnlyMemory<byte>[] tokens, ApnsNotification? notification = null, CancellationToken stopping = default)
    {
        var answers = new CollectedAnswers(tokens.Length);
        await client.SendAsync(notification ?? Alert, tokens, answers, default, stopping).WaitAsync(TimeSpan.FromSeconds(120), CancellationToken.None);
        return answers.All();
    }
}

using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns;
using PushFanout.Contracts;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>What APNs makes of an app's credential and topic.</summary>
internal enum ApnsReply
{
    /// <summary>It takes both.</summary>
    Fine,
    /// <summary>Nobody answers there.</summary>
    Unreachable,
    /// <summary>Somebody answers, but there is no TLS connection that can be trusted.</summary>
    NoTls,
    /// <summary>It refuses the credential.</summary>
    CredentialRefused,
    /// <summary>It refuses the topic.</summary>
    TopicRefused,
    /// <summary>It has another reason, which may pass.</summary>
    Busy,
}

/// <summary>
/// Asks APNs by a push to a token that no device has: APNs looks at the credential first, so that it answers <c>BadDeviceToken</c> when that is good. Nothing
/// reaches anybody.
/// </summary>
internal static class ApnsQuestion
{
    private const int TokenBytes = 32;
    private static readonly string[] TopicReasons = ["BadTopic", "TopicDisallowed", "MissingTopic", "TopicMismatch"];

    /// <param name="roots">Of <see cref="ApnsOptions.TrustedCaFile"/>; null: the machine's.</param>
    /// <returns>The reply, and in words what was seen.</returns>
    public static async Task<(ApnsReply Reply, string Text)> AskAsync(
        AppOptions app, ApnsOptions options, ApnsCredential credential, X509Certificate2Collection? roots, TimeProvider clock, CancellationToken stop)
    {
        string? noConnection = null;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var client = new ApnsClient(
            credential,
            new ApnsClientOptions
            {
                Environment = app.Environment!.Value,
                EndpointOverride = options.EndpointOverride,
                TrustedRoots = roots,
                MaxConnections = 1,
                AnswerTimeout = options.AnswerTimeout,
                OnConnectionEvent = happened =>
                {
                    if (happened.Kind == ApnsConnectionEventKind.ConnectFailed)
                    {
                        noConnection = $"{happened.Endpoint}: {happened.Detail}";
                        ended.CancelAfter(TimeSpan.Zero); // a worker would go on trying
                    }
                },
            },
            clock);
        var answer = await client.SendAsync(Push(app), new byte[TokenBytes], default, ended.Token);
        stop.ThrowIfCancellationRequested();
        var said = $"{answer.Status} {answer.ReasonText}".Trim();
        return answer.Answer switch
        {
            // Whatever is wrong with the push, it was the credential that came first.
            Answer.Accepted or Answer.Suspect or Answer.Unregistered or Answer.Rejected => (ApnsReply.Fine, $"answered in {answer.Elapsed.TotalMilliseconds:0} ms"),
            Answer.CredentialRefused => (TopicReasons.Contains(answer.ReasonText) ? ApnsReply.TopicRefused : ApnsReply.CredentialRefused, said),
            Answer.Transient => (ApnsReply.Busy, said),
            _ => noConnection is { } why ? (IsAboutTls(why) ? ApnsReply.NoTls : ApnsReply.Unreachable, why) : (ApnsReply.Unreachable, "connected, but there is no answer"),
        };
    }

    /// <summary>The dialer says it in words.</summary>
    private static bool IsAboutTls(string why) => why.Contains("TLS", StringComparison.Ordinal) || why.Contains("certificate", StringComparison.Ordinal);

    private static ApnsNotification Push(AppOptions app)
    {
        var type = PushTypes.All.FirstOrDefault(rules => rules.TopicSuffix.Length > 0 && app.Topic.EndsWith(rules.TopicSuffix, StringComparison.Ordinal))
            ?? PushTypes.Of(PushType.Background);
        return new ApnsNotification
        {
            Payload = """{"aps":{"content-available":1}}"""u8.ToArray(),
            Topic = app.Topic,
            PushType = type.Name,
            Priority = type.AllowedPriorities.Contains(5) ? 5 : null,
            ExpirationUnixSeconds = 0, // tried once, never stored
        };
    }
}

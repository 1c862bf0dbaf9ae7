using PushFanout.Worker.Hosting;

namespace PushFanout.Cli.Doctor;

/// <summary>APNs, as each app reaches it: network, TLS, credential, topic. See <see cref="ApnsQuestion"/> for why it harms nobody.</summary>
internal sealed class ApnsExamination(PushFanoutOptions options, CredentialSet credentials, TimeProvider clock)
{
    public async Task RunAsync(Examination examination, CancellationToken stop)
    {
        var roots = options.Apns.TrustedCaFile is { } file ? TrustedRoots.TryLoad(file, out _) : null;
        foreach (var (name, app) in options.Apps.OrderBy(app => app.Key, StringComparer.Ordinal))
        {
            if (app.Environment is null || app.Topic.Length == 0 || !credentials.ByName.TryGetValue(app.Credential, out var credential)
                || (roots is null && options.Apns.TrustedCaFile is not null))
            {
                continue; // has its finding already
            }
            var (reply, text) = await ApnsQuestion.AskAsync(app, options.Apns, credential, roots, clock, stop);
            if (KindOf(reply) is { } kind)
            {
                examination.Find(kind, $"app {name}", text);
            }
            else
            {
                examination.Fine($"app {name}", $"APNs takes credential and topic; {text}");
            }
        }
    }

    private static FindingKind? KindOf(ApnsReply reply) => reply switch
    {
        ApnsReply.Fine => null,
        ApnsReply.Unreachable => FindingKinds.ApnsUnreachable,
        ApnsReply.NoTls => FindingKinds.ApnsTls,
        ApnsReply.CredentialRefused => FindingKinds.ApnsCredentialRefused,
        ApnsReply.TopicRefused => FindingKinds.ApnsTopicRefused,
        ApnsReply.Busy => FindingKinds.ApnsBusy,
        _ => throw new ArgumentOutOfRangeException(nameof(reply), reply, null),
    };
}

using System.Buffers;
using System.Collections.Frozen;

namespace PushFanout.ApnsSimulator;

/// <summary>Whether a topic exists and whether the one who pushes may push to it.</summary>
internal sealed class TopicChecks(IReadOnlyCollection<string> knownBundleIds)
{
    private const int MaxLength = 255;
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");
    private readonly FrozenSet<string> known = knownBundleIds.ToFrozenSet();

    /// <summary>Looks at <c>apns-topic</c>; a certificate for a single topic stands in for a missing one.</summary>
    public PushReply? Refuse(ref string? topic, SimulatorKey? key, SimulatorClientCertificate? certificate)
    {
        if (string.IsNullOrEmpty(topic))
        {
            topic = certificate is { Topics: [var only] } ? only : null;
        }
        if (topic is null)
        {
            return Refusals.MissingTopic;
        }
        if (topic.Length > MaxLength || topic.AsSpan().ContainsAnyExcept(Allowed) || !Exists(topic))
        {
            return Refusals.BadTopic;
        }
        var allowed = certificate is not null ? certificate.Topics.Contains(topic) : key!.Topics is null || key.Topics.Contains(BundleId(topic));
        return allowed ? null : Refusals.TopicDisallowed;
    }

    private bool Exists(string topic) => known.Count == 0 || known.Contains(topic) || known.Contains(BundleId(topic));

    private static string BundleId(string topic) => PushType.SuffixOf(topic) is { Length: > 0 } suffix ? topic[..^suffix.Length] : topic;
}

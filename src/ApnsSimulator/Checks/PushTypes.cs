using System.Collections.Frozen;

namespace PushFanout.ApnsSimulator;

/// <summary>Apple's push types: the end that each asks of the topic, and how large its body may be.</summary>
/// <param name="TopicSuffix">What the topic has after the bundle id; empty for nothing.</param>
/// <param name="MaxPayloadBytes">Largest body.</param>
/// <param name="IsBackground">Whether the device is not to be disturbed.</param>
internal sealed record PushType(string TopicSuffix, int MaxPayloadBytes = 4096, bool IsBackground = false)
{
    /// <summary>The largest body of any type.</summary>
    public const int LargestPayloadBytes = 5120;

    /// <summary>How a push without a type is treated.</summary>
    public static readonly PushType Alert = new("");

    private static readonly FrozenDictionary<string, PushType> Known = new Dictionary<string, PushType>
    {
        ["alert"] = Alert,
        ["background"] = new("", IsBackground: true),
        ["voip"] = new(".voip", LargestPayloadBytes),
        ["complication"] = new(".complication"),
        ["fileprovider"] = new(".pushkit.fileprovider"),
        ["location"] = new(".location-query"),
        ["liveactivity"] = new(".push-type.liveactivity"),
        ["pushtotalk"] = new(".voip-ptt"),
        ["widgets"] = new(".push-type.widgets"),
        ["controls"] = new(".push-type.controls"),
        ["mdm"] = new(""),
    }.ToFrozenDictionary();

    private static readonly string[] Suffixes = [.. Known.Values.Select(type => type.TopicSuffix).Where(suffix => suffix.Length > 0).Distinct()];

    public static PushType? Find(string name) => Known.GetValueOrDefault(name);

    /// <summary>What the topic has after the bundle id, if it is one that a push type asks for.</summary>
    public static string SuffixOf(string topic)
    {
        foreach (var suffix in Suffixes)
        {
            if (topic.EndsWith(suffix, StringComparison.Ordinal))
            {
                return suffix;
            }
        }
        return "";
    }
}

using System.Collections.Immutable;

namespace PushFanout.Contracts;

/// <summary>What Apple allows for one push type.</summary>
/// <param name="Type">The push type.</param>
/// <param name="TopicSuffix">What follows the bundle id in <c>apns-topic</c>; empty for none.</param>
/// <param name="MaxPayloadBytes">Largest payload, in bytes of minified UTF-8.</param>
/// <param name="AllowedPriorities">The values of <c>apns-priority</c> that may be asked for.</param>
/// <param name="DefaultPriority">What is sent when no priority is asked for; null leaves the header out, and APNs takes 10.</param>
/// <param name="RequiresAps">Whether the payload must have an <c>aps</c> object; the others have a form of their own.</param>
public sealed record PushTypeRules(
    PushType Type,
    string TopicSuffix,
    int MaxPayloadBytes,
    ImmutableArray<int> AllowedPriorities,
    int? DefaultPriority,
    bool RequiresAps)
{
    /// <summary>The value of <c>apns-push-type</c>.</summary>
    public string Name { get; } = LowerCaseWord.Of(Type.ToString());
}

/// <summary>The one table of push types.</summary>
public static class PushTypes
{
    /// <summary>Largest payload of most push types, in bytes.</summary>
    public const int MaxPayloadBytes = 4096;
    /// <summary>Largest payload of <see cref="PushType.Voip"/>, in bytes.</summary>
    public const int MaxVoipPayloadBytes = 5120;

    private static readonly ImmutableArray<int> AnyPriority = [1, 5, 10];

    /// <summary>Every push type, in the order of the enum.</summary>
    public static ImmutableArray<PushTypeRules> All { get; } =
    [
        new(PushType.Alert, "", MaxPayloadBytes, AnyPriority, null, RequiresAps: true),
        new(PushType.Background, "", MaxPayloadBytes, [5], 5, RequiresAps: true),
        new(PushType.Voip, ".voip", MaxVoipPayloadBytes, AnyPriority, null, RequiresAps: false),
        new(PushType.Complication, ".complication", MaxPayloadBytes, AnyPriority, null, RequiresAps: false),
        new(PushType.FileProvider, ".pushkit.fileprovider", MaxPayloadBytes, AnyPriority, null, RequiresAps: false),
        new(PushType.Location, ".location-query", MaxPayloadBytes, [5, 10], null, RequiresAps: true),
        new(PushType.LiveActivity, ".push-type.liveactivity", MaxPayloadBytes, [5, 10], null, RequiresAps: true),
        new(PushType.PushToTalk, ".voip-ptt", MaxPayloadBytes, AnyPriority, 10, RequiresAps: true),
        new(PushType.Widgets, ".push-type.widgets", MaxPayloadBytes, AnyPriority, null, RequiresAps: true),
        new(PushType.Controls, ".push-type.controls", MaxPayloadBytes, AnyPriority, null, RequiresAps: true),
        new(PushType.Mdm, "", MaxPayloadBytes, AnyPriority, null, RequiresAps: false),
    ];

    /// <summary>The rules of one push type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in the enum.</exception>
    public static PushTypeRules Of(PushType type) =>
        (uint)type < (uint)All.Length ? All[(int)type] : throw new ArgumentOutOfRangeException(nameof(type));

    /// <summary>
    /// The <c>apns-topic</c> for a push of this type. An app's topic is its bundle id, and may have a type's suffix already, if the app
    /// is for that type alone.
    /// </summary>
    public static string TopicOf(string appTopic, PushType type)
    {
        var suffix = Of(type).TopicSuffix;
        return appTopic.EndsWith(suffix, StringComparison.Ordinal) ? appTopic : appTopic + suffix;
    }

    /// <summary>Whether pushes of this type can go to this app: its topic has no suffix, or this type's.</summary>
    public static bool FitsTopic(string appTopic, PushType type)
    {
        foreach (var other in All)
        {
            if (other.TopicSuffix.Length > 0 && appTopic.EndsWith(other.TopicSuffix, StringComparison.Ordinal))
                return other.Type == type;
        }
        return true;
    }
}

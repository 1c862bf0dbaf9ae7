using System.Diagnostics;

namespace PushFanout.Worker.Telemetry;

/// <summary>Where the worker's own spans come from.</summary>
internal static class FanoutActivities
{
    public const string SourceName = "PushFanout";

    public static ActivitySource Source { get; } = new(SourceName);
}

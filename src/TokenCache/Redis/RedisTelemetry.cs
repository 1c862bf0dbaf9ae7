using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PushFanout.TokenCache.Redis;

/// <summary>How long Redis takes, by OpenTelemetry's names (semantic conventions 1.38, database client).</summary>
internal static class RedisTelemetry
{
    private static readonly Meter Meter = new("PushFanout");

    private static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("db.client.operation.duration", "s", "Duration of Redis commands and scripts.");

    public static void Record(string operation, long startedAt, string? error)
    {
        if (!Duration.Enabled)
        {
            return;
        }
        var tags = new TagList { { "db.system.name", "redis" }, { "db.operation.name", operation } };
        if (error is not null)
        {
            tags.Add("error.type", error);
        }
        Duration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, tags);
    }
}

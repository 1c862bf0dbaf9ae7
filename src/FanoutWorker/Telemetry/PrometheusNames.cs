using System.Collections.Frozen;
using System.Text;
using OpenTelemetry.Metrics;

namespace PushFanout.Worker.Telemetry;

/// <summary>OpenTelemetry's names in Prometheus' syntax, by the compatibility rules of the OpenTelemetry specification.</summary>
internal static class PrometheusNames
{
    private static readonly FrozenDictionary<string, string> UnitWords = new Dictionary<string, string>
    {
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["min"] = "minutes",
        ["h"] = "hours",
        ["d"] = "days",
        ["By"] = "bytes",
        ["%"] = "percent",
    }.ToFrozenDictionary();

    /// <summary><c>pushfanout.push.duration</c> in <c>s</c> is <c>pushfanout_push_duration_seconds</c>; a counter ends with <c>_total</c>.</summary>
    public static string OfMetric(string name, string unit, MetricType type)
    {
        var text = new StringBuilder(Sanitize(name));
        if (WordOf(unit, type) is { } word && !text.ToString().EndsWith("_" + word, StringComparison.Ordinal))
        {
            text.Append('_').Append(word);
        }
        if (IsCounter(type) && !text.ToString().EndsWith("_total", StringComparison.Ordinal))
        {
            text.Append("_total");
        }
        return text.ToString();
    }

    /// <summary>Letters, digits and underscores, the first no digit.</summary>
    public static string Sanitize(string name) =>
        (char.IsAsciiDigit(name[0]) ? "_" : "") + string.Create(name.Length, name, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
            }
        });

    public static bool IsCounter(MetricType type) => type is MetricType.LongSum or MetricType.DoubleSum;

    private static string? WordOf(string unit, MetricType type)
    {
        if (unit.Length == 0 || unit[0] == '{')
        {
            return null; // an annotation such as {push} counts things, and says so in the name
        }
        if (unit == "1")
        {
            return IsCounter(type) ? null : "ratio";
        }
        return UnitWords.GetValueOrDefault(unit) ?? Sanitize(unit);
    }
}

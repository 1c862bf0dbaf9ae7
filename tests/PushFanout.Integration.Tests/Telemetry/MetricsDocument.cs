using PushFanout.Integration.Tests.Deployment;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>One row of the table in <c>docs/metrics.md</c>.</summary>
internal sealed record DocumentedMetric(string Name, string Type, string Unit, IReadOnlyList<string> Labels, string Meaning);

/// <summary>What <c>docs/metrics.md</c> promises: the series of a worker and the values that their labels may have.</summary>
internal static class MetricsDocument
{
    private const string Prefix = "pushfanout_";

    public static IReadOnlyList<DocumentedMetric> Metrics { get; } =
        [.. Rows("## Series").Select(cells => new DocumentedMetric(
            cells[0].Trim('`'), cells[1], cells[2].Trim('`'), [.. cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(FullName)], cells[4]))];

    /// <summary>Series that a worker shows beside its own.</summary>
    public static IReadOnlyList<string> SeriesOfOthers { get; } = [.. Rows("## Series of others").SelectMany(cells => cells[0].Split('`').Where((_, i) => i % 2 == 1))];

    /// <summary>Names of all labels that have a row.</summary>
    public static IReadOnlySet<string> Labels { get; } = Rows("## Labels").Select(cells => FullName(cells[0])).ToHashSet();

    /// <summary>A label may have several rows.</summary>
    private static ILookup<string, string> Values { get; } = Rows("## Labels").ToLookup(cells => FullName(cells[0]), cells => cells[1]);

    /// <summary>Whether the document names this value; a row without any leaves them open.</summary>
    public static bool Allows(string label, string value) => Values[label].Any(
        listed => !listed.Contains('`') || listed.Contains($"`{value}`", StringComparison.Ordinal));

    private static string FullName(string label) => label.StartsWith("db_", StringComparison.Ordinal) || label == "error_type" ? label : Prefix + label;

    private static IEnumerable<string[]> Rows(string heading) => RepositoryFiles.Lines("docs/metrics.md")
        .SkipWhile(line => line != heading).Skip(1)
        .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
        .Where(line => line.StartsWith('|')).Skip(2)
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));
}

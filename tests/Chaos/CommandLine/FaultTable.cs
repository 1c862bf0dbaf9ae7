using System.Globalization;
using PushFanout.Chaos.Oracle;

namespace PushFanout.Chaos.CommandLine;

/// <summary>What each fault cost, as docs/reliability.md shows it.</summary>
internal static class FaultTable
{
    private const string Head = "| `--fault` | lost | duplicates | ambiguous | recovery | kept | run |\n|---|--:|--:|--:|--:|---|--:|\n";

    public static string Of(IReadOnlyDictionary<string, ChaosReport> reports) =>
        Head + string.Concat(reports.Select(entry => Line(entry.Key, entry.Value) + "\n"));

    public static string Line(string name, ChaosReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"| `{name}` | {report.Lost} | {report.Duplicates} | {report.Ambiguous} | {report.RecoverySeconds:0.0} s | {(report.Passed ? "yes" : "**no**")} | {report.Took.TotalSeconds:0} s |");
}

using System.Globalization;
using System.Text;
using PushFanout.Chaos.Oracle;

namespace PushFanout.Chaos.CommandLine;

/// <summary>What each fault cost, as docs/reliability.md shows it.</summary>
internal static class FaultTable
{
    public static string Of(IReadOnlyDictionary<string, ChaosReport> reports)
    {
        var text = new StringBuilder("| `--fault` | lost | duplicates | ambiguous | recovery | kept | run |\n|---|--:|--:|--:|--:|---|--:|\n");
        foreach (var (name, report) in reports)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {name} | {report.Lost} | {report.Duplicates} | {report.Ambiguous} | {report.RecoverySeconds:0.0} s | {(report.Passed ? "yes" : "**no**")} | {report.Took.TotalSeconds:0} s |\n");
        }
        return text.ToString();
    }
}

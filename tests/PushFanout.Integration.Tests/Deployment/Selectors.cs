using System.Text.RegularExpressions;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>What an expression takes its data from: <c>pushfanout_retries_total{pushfanout_lane="bulk"}</c>.</summary>
internal static partial class Selectors
{
    /// <summary>The selectors of an expression, each once.</summary>
    public static IEnumerable<string> Of(string expression) => Selector().Matches(Grouping().Replace(expression, " ")).Select(match => match.Value).Distinct();

    public static IEnumerable<string> NamesOf(string expression) => Of(expression).Select(selector => selector.Split('{')[0]).Distinct();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\b((pushfanout|rabbitmq|db_client|dotnet)_\w+|ALERTS|up)\b(\{[^}]*\})?")]
    private static partial Regex Selector();
}

using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary><c>deploy/prometheus/alerts.yml</c>. Strict: a key that is not here fails the reading.</summary>
internal sealed class AlertRules
{
    public const string File = "deploy/prometheus/alerts.yml";

    public List<AlertGroup> Groups { get; init; } = [];

    public IEnumerable<AlertRule> All => Groups.SelectMany(group => group.Rules);

    public static AlertRules Read() => Yaml.Read<AlertRules>(File);
}

internal sealed class AlertGroup
{
    public string Name { get; init; } = "";
    public List<AlertRule> Rules { get; init; } = [];
}

internal sealed class AlertRule
{
    public string Alert { get; init; } = "";
    public string Expr { get; init; } = "";
    public string? For { get; init; }
    public Dictionary<string, string> Labels { get; init; } = [];
    public Dictionary<string, string> Annotations { get; init; } = [];

    /// <summary>The section of <c>docs/runbook.md</c> that its link leads to.</summary>
    public string Section => Annotations["runbook_url"].Split("runbook.md#")[1];
}

/// <summary><c>deploy/prometheus/alerts.test.yml</c>, as far as it says which alert is expected.</summary>
internal sealed class AlertTests
{
    public const string File = "deploy/prometheus/alerts.test.yml";

    public List<AlertTest> Tests { get; init; } = [];

    public IEnumerable<AlertExpectation> All => Tests.SelectMany(test => test.AlertRuleTest);

    public static AlertTests Read() => Yaml.Read<AlertTests>(File, ignoreUnmatched: true);
}

internal sealed class AlertTest
{
    public string Name { get; init; } = "";
    public List<AlertExpectation> AlertRuleTest { get; init; } = [];
}

internal sealed class AlertExpectation
{
    [YamlMember(Alias = "alertname")]
    public string Alert { get; init; } = "";
    public List<object> ExpAlerts { get; init; } = [];
}

internal static class Yaml
{
    public static T Read<T>(string file, bool ignoreUnmatched = false)
    {
        var builder = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking();
        return (ignoreUnmatched ? builder.IgnoreUnmatchedProperties() : builder).Build().Deserialize<T>(System.IO.File.ReadAllText(RepositoryFiles.PathOf(file)));
    }
}

using System.Text.RegularExpressions;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>That the alerts are tested, each to fire and to stay quiet, and that each leads to what is to be done.</summary>
public sealed partial class AlertRulesTests
{
    private readonly AlertRules _rules = AlertRules.Read();

    [Fact]
    public async Task Promtool_passes_every_test_of_the_rules()
    {
        var promtool = Run("test", "rules", RepositoryFiles.PathOf(AlertTests.File));
        await using (promtool)
        {
            Assert.True(await promtool.WaitForExitAsync(Eventually.Patience) == 0, promtool.Output);
        }
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_configuration_and_its_rules()
    {
        var promtool = Run("check", "config", "--lint-fatal", RepositoryFiles.PathOf("deploy/prometheus/prometheus.yml"));
        await using (promtool)
        {
            Assert.True(await promtool.WaitForExitAsync(Eventually.Patience) == 0, promtool.Output);
        }
    }

    [Fact]
    public void Every_alert_is_tested_to_fire_and_to_stay_quiet()
    {
        var tests = AlertTests.Read();
        var names = _rules.All.Select(rule => rule.Alert).Order().ToList();
        Assert.Equal(names, tests.All.Where(expected => expected.ExpAlerts.Count > 0).Select(expected => expected.Alert).Distinct().Order());
        Assert.Equal(names, tests.All.Where(expected => expected.ExpAlerts.Count == 0).Select(expected => expected.Alert).Distinct().Order());
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_and_what_is_the_matter() => Assert.All(_rules.All, rule =>
    {
        Assert.StartsWith("PushFanout", rule.Alert, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(rule.Labels, label => label.Key == "severity").Value, new[] { "critical", "warning" });
        Assert.EndsWith(".", rule.Annotations["summary"], StringComparison.Ordinal);
        Assert.Matches("""^\{\{ \$externalLabels\.pushfanout_docs \}\}runbook\.md#[a-z-]+$""", rule.Annotations["runbook_url"]);
    });

    [Fact]
    public void Every_alert_leads_to_its_section_of_the_runbook_and_every_alert_there_exists()
    {
        var sections = Sections();
        Assert.All(_rules.All, rule =>
        {
            Assert.True(sections.TryGetValue(rule.Section, out var text), $"docs/runbook.md has no section #{rule.Section}");
            Assert.Contains($"`{rule.Alert}`", text, StringComparison.Ordinal);
        });
        var mentioned = AlertName().Matches(string.Join('\n', RepositoryFiles.Lines("docs/runbook.md"))).Select(match => match.Groups[1].Value).Distinct();
        Assert.Empty(mentioned.Except(_rules.All.Select(rule => rule.Alert)));
    }

    /// <summary>Text below each heading of the runbook, by the anchor that Markdown gives the heading.</summary>
    private static Dictionary<string, string> Sections()
    {
        var sections = new Dictionary<string, string>();
        var anchor = "";
        foreach (var line in RepositoryFiles.Lines("docs/runbook.md"))
        {
            if (line.StartsWith('#'))
            {
                anchor = NotInAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-');
            }
            sections[anchor] = sections.GetValueOrDefault(anchor) + line + "\n";
        }
        return sections;
    }

    private static ChildProcess Run(params string[] arguments) => ChildProcess.Start(Programs.Find("promtool"), arguments);

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex("`(PushFanout[A-Z][A-Za-z]+)`")]
    private static partial Regex AlertName();
}

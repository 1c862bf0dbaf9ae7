using System.Text.RegularExpressions;
using PushFanout.Integration.Tests.Telemetry;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>That Grafana can show the dashboards and an operator can read them; whether they have data is asked in <see cref="QueryTests"/>.</summary>
public sealed partial class GrafanaDashboardTests
{
    /// <summary>Grafana's own ids of units.</summary>
    private static readonly string[] Units = ["short", "s", "cps", "ops", "percentunit", "bytes", "dtdurations"];

    /// <summary>Series that are not in <c>docs/metrics.md</c>: .NET's own, RabbitMQ's, and Prometheus' about itself.</summary>
    private static readonly string[] OfOthers = ["dotnet_", "rabbitmq_", "up", "ALERTS"];

    private readonly IReadOnlyList<GrafanaDashboard> _dashboards = GrafanaDashboard.ReadAll();

    [Fact]
    public void There_is_one_for_everything_for_one_send_for_APNs_and_for_what_waits()
    {
        Assert.Equal(["apns.json", "capacity.json", "notification.json", "overview.json"], _dashboards.Select(dashboard => dashboard.File));
        Assert.Equal(_dashboards.Count, _dashboards.Select(dashboard => dashboard.Uid).Distinct().Count());
        Assert.All(_dashboards, dashboard => Assert.Matches("^[a-z-]{1,40}$", dashboard.Uid));
    }

    [Fact]
    public void Panels_have_ids_of_their_own_and_do_not_lie_on_each_other() => Assert.All(_dashboards, dashboard =>
    {
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (var panel in dashboard.Panels)
        {
            var (x, y, width, height) = panel.Place;
            Assert.True(x >= 0 && x + width <= 24 && height > 0, $"{panel} is wider than the screen");
            foreach (var cell in Enumerable.Range(x, width).SelectMany(column => Enumerable.Range(y, height).Select(row => (column, row))))
            {
                Assert.True(taken.TryAdd(cell, panel.Title), $"{panel} lies on {taken[cell]}");
            }
        }
        Assert.Equal(dashboard.Panels.Count, dashboard.Panels.Select(panel => panel.Id).Distinct().Count());
    });

    [Fact]
    public void Every_panel_says_what_it_shows_and_in_which_unit() => Assert.All(_dashboards.SelectMany(dashboard => dashboard.Panels).Where(panel => panel.Asks), panel =>
    {
        Assert.NotEmpty(panel.Title);
        Assert.False(string.IsNullOrWhiteSpace(panel.Description), $"{panel} has no description");
        Assert.Contains(panel.Unit, Units);
        Assert.NotEmpty(panel.Expressions);
        Assert.Equal(panel.Targets.Count, panel.Targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
    });

    [Fact]
    public void Whoever_has_another_data_source_chooses_it() => Assert.All(_dashboards, dashboard =>
    {
        Assert.Equal(("datasource", "datasource"), (dashboard.Variables[0].Name, dashboard.Variables[0].Type));
        Assert.All(dashboard.Panels.Where(panel => panel.Asks), panel =>
        {
            Assert.Equal("${datasource}", panel.DataSource);
            Assert.All(panel.Targets, target => Assert.Equal("${datasource}", target.GetProperty("datasource").GetProperty("uid").GetString()));
        });
    });

    [Fact]
    public void Variables_that_are_used_exist_and_those_that_exist_are_used() => Assert.All(_dashboards, dashboard =>
    {
        var text = File.ReadAllText(RepositoryFiles.PathOf($"{GrafanaDashboard.Folder}/{dashboard.File}"));
        var used = VariableName().Matches(text).Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Distinct().Order();
        Assert.Equal(dashboard.Variables.Select(variable => variable.Name).Order(), used);
    });

    [Fact]
    public void Every_series_that_dashboards_and_alerts_ask_for_is_one_that_somebody_gives()
    {
        var documented = MetricsDocument.Metrics.Select(metric => metric.Name).ToHashSet();
        var asked = _dashboards.SelectMany(dashboard => dashboard.Queries).Select(query => query.Expression).Concat(AlertRules.Read().All.Select(rule => rule.Expr)).SelectMany(Selectors.NamesOf).ToHashSet();
        Assert.True(asked.Count > 40, $"only {asked.Count} names were found");
        Assert.All(asked.Where(name => !OfOthers.Any(other => name.StartsWith(other, StringComparison.Ordinal))), name =>
            Assert.True(documented.Contains(name) || documented.Contains(HistogramPart().Replace(name, "")), $"{name} is not in docs/metrics.md"));
    }

    [Fact]
    public void Nothing_pretends_to_be_0_where_there_is_no_data() => Assert.All(
        _dashboards.SelectMany(dashboard => dashboard.Queries).Select(query => query.Expression).Concat(AlertRules.Read().All.Select(rule => rule.Expr)),
        expression => Assert.DoesNotContain("vector(", expression, StringComparison.Ordinal));

    [GeneratedRegex(@"\$\{?([A-Za-z_]+)")]
    private static partial Regex VariableName();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}

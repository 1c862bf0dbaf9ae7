using PushFanout.ApnsSimulator;
using PushFanout.Integration.Tests.Deployment;
using PushFanout.Integration.Tests.Installation;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>That everything dashboards and alerts ask a real Prometheus has an answer, and one that follows what happens.</summary>
public sealed class QueryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(3); // each looks at every second since the beginning

    /// <summary>What stays as it is while nothing breaks: these need only be there.</summary>
    private static readonly HashSet<string> Still =
    [
        "up", "pushfanout_brake_open", "pushfanout_configuration_refused", "pushfanout_credential_rests", "pushfanout_probation", "pushfanout_balance_difference_total", "pushfanout_ledger_losses_total", "pushfanout_consumer_restarts_total",
        "pushfanout_provider_token_renewals_total", "pushfanout_credential_not_after_seconds", "pushfanout_apns_connections_open", "pushfanout_apns_stream_limit", "pushfanout_publish_oldest_unconfirmed_seconds",
        "dotnet_process_cpu_count", "pushfanout_queue_consumers", "rabbitmq_detailed_queue_consumers", "rabbitmq_resident_memory_limit_bytes", "rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark",
        "ALERTS",
    ];

    /// <summary>Nobody here refuses a connection, and this series begins with the first failure.</summary>
    private const string NotProvoked = "pushfanout_apns_connect_failures_total";

    [Fact]
    public async Task Every_query_of_dashboards_and_alerts_has_data_and_follows_what_happens()
    {
        var (virtualHost, metrics) = await Servers.NewOwnVirtualHostAsync();
        var folder = Directory.CreateTempSubdirectory("pushfanout-queries-");
        await using var observed = await ObservedInstallation.StartAsync(
            virtualHost, metrics, new SimulatorOptions { Topics = [TestInstallation.Topic], Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20)), Faults = SteadyTraffic.Faults },
            installation =>
            {
                SteadyTraffic.Configure(installation);
                AppCertificate.Add(installation, folder.FullName, TimeSpan.FromDays(30));
            },
            faster: 15);
        await using var traffic = await SteadyTraffic.StartAsync(observed);

        var started = TimeProvider.System.GetUtcNow();
        var asked = Questions().ToList();
        var waiting = asked.ToDictionary(question => question, _ => (IReadOnlyList<IReadOnlyList<double>>)[]);
        while (waiting.Count > 0 && TimeProvider.System.GetUtcNow() - started < Patience)
        {
            Assert.False(traffic.Running.IsFaulted, $"the sends have ended: {traffic.Running.Exception?.InnerException}");
            await Task.Delay(BetweenLooks);
            foreach (var question in waiting.Keys.ToList())
            {
                var series = waiting[question] = await observed.Prometheus.QuerySinceAsync(started, question.Expression);
                if (IsAnswered(question, series))
                {
                    waiting.Remove(question);
                }
            }
        }

        Assert.True(waiting.Count == 0, $"{waiting.Count} of {asked.Count} have no data, or data that does not change:\n" + string.Join('\n', waiting.Select(
            unanswered => $"{unanswered.Key.Place}: {unanswered.Key.Expression}: {unanswered.Value.Count} series: {string.Join(", ", unanswered.Value.SelectMany(values => values).Distinct().Take(5))}")));
        folder.Delete(recursive: true);
    }

    /// <summary>Each expression of a panel as Grafana would send it; of an alert every selector, since a quiet alert has no data by itself.</summary>
    private static IEnumerable<PrometheusQuery> Questions() => GrafanaDashboard.ReadAll()
        .SelectMany(dashboard => dashboard.Queries)
        .Select(query => query with { Expression = WithVariables(query.Expression) })
        .Concat(AlertRules.Read().All.SelectMany(rule => Selectors.Of(rule.Expr).Select(selector => new PrometheusQuery(rule.Alert, selector))))
        .Where(query => !Selectors.NamesOf(query.Expression).Contains(NotProvoked))
        .DistinctBy(query => query.Expression);

    private static string WithVariables(string expression) => expression
        .Replace("$__rate_interval", "4s", StringComparison.Ordinal).Replace("$__range", "30s", StringComparison.Ordinal)
        .Replace("=~\"$app\"", "=~\".*\"", StringComparison.Ordinal).Replace("$app", TestInstallation.App, StringComparison.Ordinal)
        .Replace("$lane", "normal", StringComparison.Ordinal).Replace("$worker", ".*", StringComparison.Ordinal).Replace("$credential", ".*", StringComparison.Ordinal);

    private static bool IsAnswered(PrometheusQuery question, IReadOnlyList<IReadOnlyList<double>> series) =>
        Selectors.NamesOf(question.Expression).All(Still.Contains) ? series.Any(values => Numbers(values).Any()) : series.Any(values => Numbers(values).Distinct().Skip(1).Any());

    private static IEnumerable<double> Numbers(IReadOnlyList<double> values) => values.Where(value => !double.IsNaN(value));
}

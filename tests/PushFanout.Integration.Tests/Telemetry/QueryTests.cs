using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PushFanout.ApnsSimulator;
using PushFanout.Integration.Tests.Deployment;
using PushFanout.Integration.Tests.Installation;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>That everything dashboards and alerts ask a real Prometheus has an answer, and one that follows what happens.</summary>
public sealed class QueryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>What stays as it is while nothing breaks: these need only be there.</summary>
    private static readonly HashSet<string> Still =
    [
        "up", "pushfanout_brake_open", "pushfanout_credential_rests", "pushfanout_probation", "pushfanout_balance_difference_total", "pushfanout_ledger_losses_total",
        "pushfanout_provider_token_renewals_total", "pushfanout_credential_not_after_seconds", "pushfanout_apns_connections_open", "pushfanout_apns_stream_limit", "pushfanout_publish_oldest_unconfirmed_seconds",
        "dotnet_process_cpu_count", "rabbitmq_detailed_queue_consumers", "rabbitmq_resident_memory_limit_bytes", "rabbitmq_alarms_memory_used_watermark", "rabbitmq_alarms_free_disk_space_watermark",
        "ALERTS",
    ];

    /// <summary>What cannot be provoked here: a library that leaves a queue without a consumer, a network that refuses connections.</summary>
    private static readonly string[] NotProvoked = ["pushfanout_consumer_restarts_total", "pushfanout_apns_connect_failures_total"];

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
                AddCertificate(installation, folder.FullName);
            },
            faster: 15);
        await using var traffic = await SteadyTraffic.StartAsync(observed);

        var asked = Questions().ToDictionary(question => question, _ => (IReadOnlyList<PrometheusSample>?)null);
        var waiting = asked.Keys.ToHashSet();
        var started = Stopwatch.GetTimestamp();
        var flushed = false;
        while (waiting.Count > 0 && Stopwatch.GetElapsedTime(started) < Patience)
        {
            foreach (var question in waiting.ToList())
            {
                var samples = await observed.Prometheus.QueryAsync(question.Expression);
                if (IsAnswered(question, asked[question], samples))
                {
                    waiting.Remove(question);
                }
                asked[question] ??= samples.Count > 0 ? samples : null;
            }
            if (!flushed && waiting.All(question => question.Expression.Contains("ledger_losses", StringComparison.Ordinal)))
            {
                flushed = true; // only now, since it ends the sends
                await observed.Redis.CommandAsync("FLUSHALL");
            }
        }

        Assert.True(waiting.Count == 0, $"{waiting.Count} of {asked.Count} have no data, or data that does not change:\n" + string.Join('\n', waiting.Select(
            question => $"{question.Place}: {question.Expression}: {(asked[question] is { } seen ? string.Join("; ", seen.Take(3).Select(sample => sample.ToString())) : "nothing")}")));
        folder.Delete(recursive: true);
    }

    /// <summary>Each expression of a panel as Grafana would send it; of an alert every selector, since a quiet alert has no data by itself, and the whole for its grammar.</summary>
    private static IEnumerable<PrometheusQuery> Questions() => GrafanaDashboard.ReadAll()
        .SelectMany(dashboard => dashboard.Queries)
        .Select(query => query with { Expression = WithVariables(query.Expression) })
        .Concat(AlertRules.Read().All.SelectMany(rule => Selectors.Of(rule.Expr).Select(selector => new PrometheusQuery(rule.Alert, selector))))
        .Where(query => !Selectors.NamesOf(query.Expression).All(name => NotProvoked.Contains(name)))
        .DistinctBy(query => query.Expression);

    private static string WithVariables(string expression) => expression
        .Replace("$__rate_interval", "4s", StringComparison.Ordinal).Replace("$__range", "30s", StringComparison.Ordinal)
        .Replace("=~\"$app\"", "=~\".*\"", StringComparison.Ordinal).Replace("$app", TestInstallation.App, StringComparison.Ordinal)
        .Replace("$lane", "normal", StringComparison.Ordinal).Replace("$worker", ".*", StringComparison.Ordinal).Replace("$credential", ".*", StringComparison.Ordinal);

    private static bool IsAnswered(PrometheusQuery question, IReadOnlyList<PrometheusSample>? before, IReadOnlyList<PrometheusSample> now) =>
        now.Any(sample => !double.IsNaN(sample.Value)) &&
        (Selectors.NamesOf(question.Expression).All(Still.Contains) || (before is not null && !Values(before).SequenceEqual(Values(now))));

    private static IEnumerable<double> Values(IReadOnlyList<PrometheusSample> samples) =>
        samples.Where(sample => !double.IsNaN(sample.Value)).Select(sample => sample.Value).Order();

    /// <summary>An app with a certificate, which expires one day; an auth key does not.</summary>
    private static void AddCertificate(TestInstallation installation, string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=Apple Push Services: com.example.tv, UID=com.example.tv", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        var file = Path.Combine(folder, "tv.p12");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        installation.Set("Credentials:tv:Kind", "p12");
        installation.Set("Credentials:tv:CertificateFile", file);
        installation.Set("Apps:tv-ios:Topic", "com.example.tv");
        installation.Set("Apps:tv-ios:Environment", "production");
        installation.Set("Apps:tv-ios:Credential", "tv");
        installation.Set("Apps:tv-ios:Shards", "16");
    }
}

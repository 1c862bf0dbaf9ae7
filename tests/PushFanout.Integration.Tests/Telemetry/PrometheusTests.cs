using PushFanout.Contracts;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>What a real Prometheus knows of a worker that works on a real RabbitMQ and Redis: what an operator would ask it.</summary>
public sealed class PrometheusTests(ScrapedInstallation scraped) : IClassFixture<ScrapedInstallation>
{
    private const int Devices = 2_000;
    private const int Gone = 40; // fewer than would open the brake

    [Fact]
    public async Task Prometheus_knows_what_became_of_a_send_and_every_series_is_in_the_document()
    {
        var (installation, prometheus) = (scraped.Installation, scraped.Prometheus);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number, "news")));
        for (var number = 0; number < Gone; number++)
        {
            installation.Simulator.Tokens.Answer(Requests.Token(number), 410, "Unregistered", TimeProvider.System.GetUtcNow());
        }
        installation.Simulator.Tokens.Answer(Requests.Token(Gone), 503, "ServiceUnavailable", times: 1);
        installation.Simulator.Tokens.Answer(Requests.Token(Gone + 1), 400, "PayloadEmpty");
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);

        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["news"]}"""));
        Assert.Equal(Devices, (await service.NextAsync()).GetProperty("audience").GetInt64());
        var one = Convert.ToHexStringLower(Requests.Token(Gone + 2));
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), $$"""{"tokens":["{{one}}"]}"""));
        await service.NextAsync();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["no such"]}"""));
        await service.PublishAsync(Exchanges.NotificationRequested, "not JSON");

        await scraped.SumIsAsync(1, "up");
        await scraped.SumIsAsync(2, """pushfanout_requests_total{pushfanout_app="shop-ios",pushfanout_result="accepted"}""");
        await scraped.SumIsAsync(1, """pushfanout_requests_total{pushfanout_result="rejected"}""");
        await scraped.SumIsAsync(1, """pushfanout_messages_parked_total{pushfanout_queue="pushfanout.notification-requested"}""");
        await scraped.SumIsAsync(Devices - Gone - 1 + 1, """pushfanout_push_outcomes_total{pushfanout_outcome="accepted"}""");
        await scraped.SumIsAsync(Gone, """pushfanout_push_outcomes_total{pushfanout_outcome="unregistered"}""");
        await scraped.SumIsAsync(1, """pushfanout_push_outcomes_total{pushfanout_outcome="rejected",pushfanout_reason="PayloadEmpty"}""");
        await scraped.SumIsAsync(1, """pushfanout_push_answers_total{pushfanout_answer="transient",pushfanout_reason="ServiceUnavailable"}""");
        await scraped.SumIsAsync(Gone, "pushfanout_tokens_retired_total");
        await scraped.SumIsAsync(Devices, "pushfanout_range_tokens_total");
        await scraped.SumIsAsync(2, """pushfanout_notifications_completed_total{pushfanout_state="done"}""");
        await scraped.SumIsAsync(0, "pushfanout_balance_difference_total");
        await scraped.SumIsAsync(0, "pushfanout_brake_open");
        Assert.InRange((await QuantileAsync("pushfanout_push_duration_seconds_bucket"))!.Value, 0.000_001, 10);
        Assert.InRange((await QuantileAsync("""pushfanout_push_age_seconds_bucket{pushfanout_lane="short"}"""))!.Value, 0.000_001, 60);

        var target = Assert.Single(await prometheus.TargetsAsync());
        Assert.Equal(("up", ""), (target.Health, target.LastError));
        await AssertOnlyWhatIsDocumentedAsync(prometheus);

        Task<double?> QuantileAsync(string buckets) => prometheus.SumAsync($"histogram_quantile(0.99, sum by (le) ({buckets}))");
    }

    private static async Task AssertOnlyWhatIsDocumentedAsync(PrometheusServer prometheus)
    {
        var documented = MetricsDocument.Metrics.ToDictionary(metric => metric.Name);
        foreach (var series in await prometheus.QueryAsync("""{__name__=~"(pushfanout|db_client)_.+"}"""))
        {
            var name = series["__name__"];
            var metric = documented.GetValueOrDefault(name) ?? documented.GetValueOrDefault(name[..name.LastIndexOf('_')]);
            Assert.True(metric is not null, $"{name} is not in docs/metrics.md");
            foreach (var (label, value) in series.Labels.Where(label => label.Key is not ("__name__" or "instance" or "job" or "le")))
            {
                Assert.True(metric.Labels.Contains(label), $"{name} has a label {label} that is not in docs/metrics.md");
                Assert.True(MetricsDocument.Allows(label, value), $"{name} has {label}=\"{value}\", which is not in docs/metrics.md");
            }
        }
    }
}

using PushFanout.Contracts;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>What a real Prometheus knows of a worker that works on a real RabbitMQ and Redis: what an operator would ask it.</summary>
public sealed class PrometheusTests(ScrapedInstallation scraped) : IClassFixture<ScrapedInstallation>
{
    private const int Devices = 2_000;
    private const int Slow = 1_000;
    private const int Gone = 40; // fewer than would open the brake

    [Fact]
    public async Task Prometheus_knows_what_became_of_a_send_and_every_series_is_in_the_document()
    {
        var (installation, prometheus) = (scraped.Installation, scraped.Prometheus);
        await installation.ImportAsync(Enumerable.Range(0, Devices).Select(number => Requests.Device(number, "news")));
        await installation.ImportAsync(Enumerable.Range(Devices, Slow).Select(number => Requests.Device(number, "slow")));
        for (var number = 0; number < Gone; number++)
        {
            installation.Simulator.Tokens.Answer(Requests.Token(number), 410, "Unregistered", TimeProvider.System.GetUtcNow());
        }
        installation.Simulator.Tokens.Answer(Requests.Token(Gone), 503, "ServiceUnavailable", times: 1);
        installation.Simulator.Tokens.Answer(Requests.Token(Gone + 1), 400, "PayloadEmpty");
        var service = await installation.ConnectAsync();
        await service.ListenAsync(Exchanges.NotificationCompleted, Requests.RoutingKey);

        await scraped.SumIsAsync(0, """pushfanout_push_outcomes_total{pushfanout_outcome="accepted"}"""); // before the first send
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["news"]}"""));
        Assert.Equal(Devices, (await service.NextAsync()).GetProperty("audience").GetInt64());
        var slow = Guid.NewGuid(); // under way until the end
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(slow, """{"anyOf":["slow"]}""", """{"pushesPerSecond":1}"""));
        var one = Convert.ToHexStringLower(Requests.Token(Gone + 2));
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), $$"""{"tokens":["{{one}}"]}"""));
        await service.NextAsync();
        await service.PublishAsync(Exchanges.NotificationRequested, Requests.Json(Guid.NewGuid(), """{"anyOf":["no such"]}"""));
        await service.PublishAsync(Exchanges.NotificationRequested, "not JSON");

        await scraped.SumIsAsync(1, "up");
        await scraped.SumIsAsync(3, """pushfanout_requests_total{pushfanout_app="shop-ios",pushfanout_result="accepted"}""");
        await scraped.SumIsAsync(1, """pushfanout_requests_total{pushfanout_result="rejected"}""");
        await scraped.SumIsAsync(1, """pushfanout_messages_parked_total{pushfanout_queue="pushfanout.notification-requested"}""");
        Assert.InRange((await prometheus.SumAsync("""pushfanout_push_outcomes_total{pushfanout_outcome="accepted"}"""))!.Value, Devices - Gone, Devices - Gone + Slow);
        await scraped.SumIsAsync(Gone, """pushfanout_push_outcomes_total{pushfanout_outcome="unregistered"}""");
        await scraped.SumIsAsync(1, """pushfanout_push_outcomes_total{pushfanout_outcome="rejected",pushfanout_reason="PayloadEmpty"}""");
        await scraped.SumIsAsync(1, """pushfanout_push_answers_total{pushfanout_answer="transient",pushfanout_reason="ServiceUnavailable"}""");
        await scraped.SumIsAsync(Gone, "pushfanout_tokens_retired_total");
        await scraped.SumIsAsync(Devices + Slow, "pushfanout_range_tokens_total");
        await scraped.SumIsAsync(2, """pushfanout_notifications_completed_total{pushfanout_state="done"}""");
        foreach (var zero in new[]
        {
            "pushfanout_balance_difference_total", "pushfanout_ledger_losses_total", "pushfanout_brake_open", "pushfanout_brake_openings_total", "pushfanout_credential_rests",
            "pushfanout_push_ambiguous_total", "pushfanout_consumer_restarts_total", "pushfanout_quarantine_size", "pushfanout_publish_oldest_unconfirmed_seconds > bool 5",
            """pushfanout_apns_connections_closed_total{pushfanout_reason="lost"}""", "pushfanout_apns_connect_failures_total",
        })
        {
            await scraped.SumIsAsync(0, zero);
        }
        await scraped.SumIsAsync(1, "pushfanout_provider_token_renewals_total");
        await scraped.SumIsAsync(1, """pushfanout_retry_depth_count{pushfanout_lane="normal"}""");
        await scraped.SumIsAsync(1, """pushfanout_queue_messages{pushfanout_queue="pushfanout.parked"}""");
        await scraped.SumIsAsync(1, """pushfanout_queue_consumers{pushfanout_queue="pushfanout.push-batch.normal"}""");
        await scraped.SumIsAsync(1, """count(pushfanout_feedback_lag_seconds_count > 0)""");
        await scraped.SumIsAsync(1, "sum(pushfanout_apns_connections_open) == bool sum(pushfanout_apns_connections_opened_total)");
        await scraped.SumIsAsync(1, """min(pushfanout_apns_stream_limit{pushfanout_environment="production"}) > bool 0""");
        await scraped.SumIsAsync(1, """pushfanout_notifications_running{pushfanout_app="shop-ios"}""");
        Assert.NotEmpty(MetricsDocument.SeriesOfOthers);
        foreach (var series in MetricsDocument.SeriesOfOthers)
        {
            Assert.True(await prometheus.SumAsync($"{{__name__=~\"{series}(_count)?\"}}") is not null, series); // one that is a histogram has no series of its name
        }
        await scraped.SumIsAsync(1, $"(pushfanout_tokens_pending > 0) <= bool {Slow}"); // an estimate until its range is expanded
        Assert.InRange((await QuantileAsync("pushfanout_push_duration_seconds_bucket"))!.Value, 0.000_001, 10);
        Assert.InRange((await QuantileAsync("""pushfanout_push_age_seconds_bucket{pushfanout_lane="short"}"""))!.Value, 0.000_001, 60);

        await service.PublishAsync(Exchanges.NotificationControl, $$"""{"notificationId":"{{slow}}","action":"cancel","at":"{{TimeProvider.System.GetUtcNow():O}}"}""");
        await scraped.SumIsAsync(0, "pushfanout_notifications_running + pushfanout_tokens_pending");
        await scraped.SumIsAsync(1, """pushfanout_notifications_completed_total{pushfanout_state="cancelled"}""");
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

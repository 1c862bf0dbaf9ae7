using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

public sealed class WorkerTelemetryTests
{
    private const string ProbeApp = "probe-app";

    [Fact]
    public async Task Prometheus_reads_counters_gauges_and_histograms_by_its_own_names()
    {
        using var host = await StartedAsync(Roles.Http);
        var metrics = host.Services.GetRequiredService<FanoutMetrics>();
        // Tag values of this test alone: an exporter hears every meter of the process, so also those of tests that run beside it.
        host.Services.GetRequiredService<UnconfirmedPublishes>().Begin();
        metrics.TokensRetired(ProbeApp, 3);
        metrics.PublishConfirmed("probe", TimeSpan.FromMilliseconds(30));
        metrics.PublishConfirmed("probe", TimeSpan.FromMilliseconds(70));

        var lines = host.Services.GetRequiredService<PrometheusExporter>().Scrape().Split('\n');

        Assert.Contains("# HELP pushfanout_tokens_retired_total Dead tokens removed from the token cache.", lines);
        Assert.Contains("# TYPE pushfanout_tokens_retired_total counter", lines);
        Assert.Contains("""pushfanout_tokens_retired_total{pushfanout_app="probe-app"} 3""", lines);
        Assert.Contains("# TYPE pushfanout_publish_unconfirmed gauge", lines);
        Assert.Contains("# TYPE pushfanout_publish_oldest_unconfirmed_seconds gauge", lines);
        Assert.Contains("# TYPE pushfanout_publish_duration_seconds histogram", lines);
        Assert.Contains("""pushfanout_publish_duration_seconds_bucket{pushfanout_kind="probe",le="0.025"} 0""", lines);
        Assert.Contains("""pushfanout_publish_duration_seconds_bucket{pushfanout_kind="probe",le="0.05"} 1""", lines);
        Assert.Contains("""pushfanout_publish_duration_seconds_bucket{pushfanout_kind="probe",le="+Inf"} 2""", lines);
        Assert.Contains("""pushfanout_publish_duration_seconds_sum{pushfanout_kind="probe"} 0.1""", lines);
        Assert.Contains("""pushfanout_publish_duration_seconds_count{pushfanout_kind="probe"} 2""", lines);
        Assert.Contains(lines, line => line.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));
        await host.StopAsync();
    }

    [Fact]
    public async Task Every_line_of_a_scrape_is_what_the_format_allows_whatever_is_in_names_and_tags()
    {
        using var host = await StartedAsync(Roles.Http);
        var meter = host.Services.GetRequiredService<IMeterFactory>().Create(FanoutMetrics.MeterName);
        meter.CreateCounter<double>("odd/name-1", "By", "two\nlines and a \\").Add(0.5, new KeyValuePair<string, object?>("1st.tag", "a \"quoted\"\nback\\slash"));
        meter.CreateUpDownCounter<long>("odd.down", "1").Add(-2);

        var scrape = host.Services.GetRequiredService<PrometheusExporter>().Scrape();

        Assert.Contains("# HELP odd_name_1_bytes_total two\\nlines and a \\\\\n", scrape, StringComparison.Ordinal);
        Assert.Contains("odd_name_1_bytes_total{_1st_tag=\"a \\\"quoted\\\"\\nback\\\\slash\"} 0.5\n", scrape, StringComparison.Ordinal);
        Assert.Contains("# TYPE odd_down_ratio gauge\nodd_down_ratio -2\n", scrape, StringComparison.Ordinal);
        Assert.EndsWith("\n", scrape, StringComparison.Ordinal);
        const string label = """[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*" """;
        var allowed = new Regex(
            $$"""^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{{{label.Trim()}}(,{{label.Trim()}})*\})? (-?[0-9.]+(E[+-]?[0-9]+)?|[+-]Inf|NaN))$""");
        Assert.All(scrape.TrimEnd('\n').Split('\n'), line => Assert.Matches(allowed, line));
        var types = scrape.Split('\n').Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).ToList();
        Assert.Equal(types.Count, types.Distinct().Count());
        await host.StopAsync();
    }

    [Fact]
    public async Task The_environment_sends_metrics_and_traces_to_a_collector_and_a_stop_flushes_them()
    {
        await using var collector = await Collector.StartAsync();
        using (var host = await StartedAsync(Roles.Dispatch, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            host.Services.GetRequiredService<FanoutMetrics>().TokensRetired(ProbeApp, 3);
            using (var span = FanoutActivities.Source.StartActivity("expand"))
            {
                Assert.NotNull(span);
            }
            await host.StopAsync();
        }
        Assert.Contains("pushfanout.tokens.retired", collector.Received("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("service.name", collector.Received("/v1/metrics"), StringComparison.Ordinal);
        Assert.Contains("expand", collector.Received("/v1/traces"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_role_http_nothing_is_kept_for_a_scrape()
    {
        using var host = await StartedAsync(Roles.Dispatch);
        Assert.Equal("", host.Services.GetRequiredService<PrometheusExporter>().Scrape());
        await host.StopAsync();
    }

    private static async Task<IHost> StartedAsync(Roles roles, params (string Name, string Value)[] environment)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(environment.Select(variable => KeyValuePair.Create(variable.Name, (string?)variable.Value)));
        builder.Services.AddSingleton(new PushFanoutOptions { Roles = roles, Apps = { [ProbeApp] = new AppOptions() } });
        builder.Services.AddWorkerTelemetry();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Takes whatever is exported; names are readable in the protobuf.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, string> _bodies = new();

        public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var collector = new Collector(builder.Build());
            await collector.RunAsync();
            return collector;
        }

        public string Received(string path) => _bodies.GetValueOrDefault(path, "");

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task RunAsync()
        {
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                var text = Encoding.Latin1.GetString(body.ToArray());
                _bodies.AddOrUpdate(context.Request.Path, text, (_, before) => before + text);
                context.Response.StatusCode = (int)HttpStatusCode.OK;
            });
            return app.StartAsync();
        }
    }
}

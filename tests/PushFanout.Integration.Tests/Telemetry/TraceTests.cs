using System.Diagnostics;
using System.Text;
using PushFanout.Contracts;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>What a collector is told of a send: from whoever published the request to each batch.</summary>
[Collection(ExportingInstallation.Shared)]
public sealed class TraceTests(ExportingInstallation traced)
{
    private const int Batches = 3;

    private static readonly TimeSpan Patience = Eventually.Patience;

    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();
    private readonly string _span = ActivitySpanId.CreateRandom().ToHexString();

    [Fact]
    public async Task A_trace_goes_from_the_publisher_to_intake_and_each_range_and_batch_has_one_of_its_own_that_links_to_it()
    {
        var unwanted = ActivityTraceId.CreateRandom().ToHexString();
        var id = Guid.NewGuid();
        await PublishAsync(Guid.NewGuid(), $"00-{unwanted}-{_span}-00");
        Assert.Equal(ExportingInstallation.Devices, (await traced.Service.NextAsync()).GetProperty("audience").GetInt64());
        await PublishAsync(id, $"00-{_trace}-{_span}-01");
        await traced.Service.NextAsync();

        var batches = await LinkedAsync("process pushfanout.push-batch.normal", _span, Batches);
        var range = Assert.Single(await LinkedAsync("process pushfanout.expand-range.normal", _span, 1));
        var intake = Assert.Single(await InTraceAsync("process pushfanout.notification-requested"));
        Assert.Equal(_span, intake.ParentId);
        Assert.All(batches.Append(range), work =>
        {
            Assert.Equal(("", id.ToString()), (work.ParentId, work.Attributes["pushfanout.notification_id"]));
            Assert.Equal("done", work.Attributes["pushfanout.disposition"]);
        });
        Assert.Equal(Batches + 1, batches.Append(range).Select(span => span.TraceId).Distinct().Count());
        Assert.Equal(["0", "1", "2"], batches.Select(batch => batch.Attributes["pushfanout.batch"]).Order());
        foreach (var batch in batches)
        {
            var pushes = Assert.Single(traced.Collector.Spans, span => span.TraceId == batch.TraceId && span.SpanId != batch.SpanId);
            Assert.Equal(("POST /3/device/{token}", "/3/device/{token}", batch.SpanId), (pushes.Name, pushes.Attributes["url.template"], pushes.ParentId));
        }
        Assert.DoesNotContain(traced.Collector.Spans, span => span.TraceId == unwanted || span.Links.Any(link => link.TraceId == unwanted));

        await Eventually.TrueAsync(() => traced.Collector.Metrics.Contains("pushfanout.push.answers"), Patience, "metrics come too");
        Assert.Equal(("push", "pushfanout", "test"), (traced.Collector.Team, traced.Collector.Resource["service.name"], traced.Collector.Resource["deployment.environment.name"]));
        Assert.Equal(
            ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
            traced.Collector.Paths.Order());
    }

    [Fact]
    public async Task A_call_of_the_API_is_a_span_under_the_template_of_its_path_and_what_it_publishes_belongs_to_the_callers_trace()
    {
        var id = Guid.NewGuid();
        using var http = new HttpClient { BaseAddress = new Uri($"http://{traced.Worker}") };
        http.DefaultRequestHeaders.Add("traceparent", $"00-{_trace}-{_span}-01");
        using var accepted = await http.PostAsync("/api/notifications", new StringContent(Requests.Json(id, """{"anyOf":["news"]}"""), Encoding.UTF8, "application/json"));
        Assert.Equal(202, (int)accepted.StatusCode);
        await traced.Service.NextAsync();
        await http.GetStringAsync("/health/ready");
        await http.GetStringAsync($"/api/notifications/{id}");

        var posted = Assert.Single(await InTraceAsync("POST /api/notifications"));
        Assert.Equal((_span, "202"), (posted.ParentId, posted.Attributes["http.response.status_code"]));
        Assert.Equal(posted.SpanId, Assert.Single(await InTraceAsync("process pushfanout.notification-requested")).ParentId);
        await LinkedAsync("process pushfanout.push-batch.normal", posted.SpanId, Batches);
        var read = Assert.Single(await InTraceAsync("GET /api/notifications/{id:guid}"));
        Assert.Equal("/api/notifications/{id:guid}", read.Attributes["http.route"]);
        Assert.DoesNotContain(read.Attributes.Values, value => value.Contains(id.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(traced.Collector.Spans, span => span.Name.Contains("health", StringComparison.Ordinal));
    }

    private Task PublishAsync(Guid id, string traceParent) => traced.Service.PublishAsync(
        Exchanges.NotificationRequested, Requests.Json(id, """{"anyOf":["news"]}"""), headers: new Dictionary<string, object?> { ["traceparent"] = traceParent });

    /// <summary>Spans of the test's own trace.</summary>
    private Task<IReadOnlyList<ReceivedSpan>> InTraceAsync(string name) => SpansAsync(span => span.Name == name && span.TraceId == _trace, 1, name);

    /// <summary>Spans of other traces that have a link to a span of the test's own, and no other.</summary>
    private Task<IReadOnlyList<ReceivedSpan>> LinkedAsync(string name, string to, int count) => SpansAsync(
        span => span.Name == name && span.TraceId != _trace && span.Links.SequenceEqual([(_trace, to)]), count, name);

    private async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(Func<ReceivedSpan, bool> wanted, int count, string what)
    {
        await Eventually.TrueAsync(() => traced.Collector.Spans.Count(wanted) >= count, Patience, $"{count} spans {what}");
        var found = traced.Collector.Spans.Where(wanted).ToList();
        Assert.Equal(count, found.Count);
        return found;
    }
}

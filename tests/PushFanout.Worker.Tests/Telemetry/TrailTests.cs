using System.Diagnostics;
using MassTransit.Serialization;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

public sealed class TrailTests
{
    private const string Id = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData("traceparent")]
    [InlineData("MT-Activity-Id")]
    public void A_publisher_is_understood_whether_it_speaks_W3C_or_MassTransit(string header)
    {
        var trail = Trail.Of(Headers((header, Id)));

        Assert.Equal(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"), (trail.Request.TraceId.ToHexString(), trail.Request.SpanId.ToHexString()));
        Assert.True(trail.IsTraced);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736")]
    public void What_is_no_trace_is_none(string? header)
    {
        var trail = Trail.Of(Headers(("traceparent", header)));

        Assert.Equal(default, trail.Request);
        Assert.False(trail.IsTraced);
    }

    [Fact]
    public void A_state_that_nobody_can_need_is_left_behind_and_a_usual_one_comes_along()
    {
        Assert.Null(Trail.Of(Headers(("traceparent", Id), ("tracestate", "a=" + new string('x', 600)))).Request.TraceState);
        Assert.Equal("vendor=1", Trail.Of(Headers(("traceparent", Id), ("tracestate", "vendor=1"))).Request.TraceState);
    }

    [Fact]
    public void What_is_read_from_a_message_is_what_was_written_into_the_one_before()
    {
        var trail = new Trail(
            new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "vendor=1", isRemote: true),
            new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero));
        var headers = Headers();
        trail.WriteTo(headers);

        Assert.Equal(trail, Trail.Of(headers));
        var written = headers.ToDictionary(header => header.Key, header => header.Value);
        Assert.Equal(written["traceparent"], written["MT-Activity-Id"]);
    }

    [Fact]
    public void A_request_that_nobody_traces_leaves_no_header_but_its_time()
    {
        var headers = Headers();
        new Trail(default, DateTimeOffset.UnixEpoch).WriteTo(headers);

        Assert.Equal(["pushfanout-published-at"], headers.Select(header => header.Key));
    }

    private static DictionarySendHeaders Headers(params IEnumerable<(string Name, string? Value)> given) =>
        new(given.Where(header => header.Value is not null).ToDictionary(header => header.Name, object? (header) => header.Value));
}

using System.Diagnostics;
using System.Globalization;
using MassTransit;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// What follows a request from message to message, through every queue and worker: the trace of whoever published it, and when that was. It travels in headers,
/// so that what a message says is the same whether or not somebody traces.
/// </summary>
/// <param name="Request">The span that published the request, or else the one that took it in; default when nobody traces it.</param>
/// <param name="PublishedAt">When it was published; null when no message said so.</param>
internal sealed record Trail(ActivityContext Request, DateTimeOffset? PublishedAt)
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";
    private const string MassTransitActivity = "MT-Activity-Id"; // what its producers set, and its consumers read, in place of traceparent
    private const string Published = "pushfanout-published-at";
    private const int MaxTraceState = 512;

    private static readonly AsyncLocal<Trail?> InHand = new();

    /// <summary>Of the work in hand; every message sent meanwhile takes it along.</summary>
    public static Trail? Current { get => InHand.Value; set => InHand.Value = value; }

    /// <summary>Whether somebody traces the request and wants to see it: whoever asked has decided that for everything that follows.</summary>
    public bool IsTraced => Request.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);

    public static Trail Of(Headers headers) => new(ContextOf(headers), TimeOf(headers));

    public void WriteTo(SendHeaders headers)
    {
        if (Request != default)
        {
            var id = $"00-{Request.TraceId}-{Request.SpanId}-{(int)Request.TraceFlags:x2}";
            headers.Set(TraceParent, id);
            headers.Set(MassTransitActivity, id);
            if (Request.TraceState is { } state)
            {
                headers.Set(TraceState, state);
            }
        }
        if (PublishedAt is { } at)
        {
            headers.Set(Published, at.ToString("O"));
        }
    }

    private static ActivityContext ContextOf(Headers headers)
    {
        var state = headers.Get<string>(TraceState);
        return ActivityContext.TryParse(
            headers.Get<string>(TraceParent) ?? headers.Get<string>(MassTransitActivity), state?.Length > MaxTraceState ? null : state, isRemote: true, out var context)
            ? context
            : default;
    }

    private static DateTimeOffset? TimeOf(Headers headers) =>
        DateTimeOffset.TryParse(headers.Get<string>(Published), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}

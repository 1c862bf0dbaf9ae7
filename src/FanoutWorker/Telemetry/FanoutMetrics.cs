using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PushFanout.Apns;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// What the pipeline counts. Every tag has a closed set of values: an app that is not configured is <c>other</c>; lanes, verdicts,
/// tiers, queues and reasons are the code's own words. Nothing here is per notification, user or token.
/// </summary>
internal sealed class FanoutMetrics
{
    public const string MeterName = "PushFanout";

    private const string OtherApp = "other";

    private readonly FrozenSet<string> apps;
    private readonly PushTags pushTags = new();

    private readonly Counter<long> requests;
    private readonly Counter<long> notifications;
    private readonly Counter<long> balanceDifference;
    private readonly Histogram<double> rangeDuration;
    private readonly Counter<long> rangeTokens;
    private readonly Counter<long> batches;
    private readonly Counter<long> batchTokens;
    private readonly Counter<long> claims;
    private readonly Counter<long> answers;
    private readonly Histogram<double> pushDuration;
    private readonly Histogram<double> pushAge;
    private readonly Counter<long> outcomes;
    private readonly Counter<long> ambiguous;
    private readonly Counter<long> retries;
    private readonly Counter<long> retired;
    private readonly Counter<long> parked;
    private readonly Counter<long> holds;
    private readonly Histogram<double> publishDuration;

    public FanoutMetrics(IMeterFactory meters, PushFanoutOptions options)
    {
        apps = options.Apps.Keys.ToFrozenSet(StringComparer.Ordinal);
        var meter = meters.Create(MeterName);
        requests = meter.CreateCounter<long>("pushfanout.requests", "{request}", "Notification requests by what intake did with them.");
        notifications = meter.CreateCounter<long>("pushfanout.notifications.completed", "{notification}", "Notifications that ended.");
        balanceDifference = meter.CreateCounter<long>(
            "pushfanout.balance.difference", "{token}", "Tokens of ended notifications without an outcome, or with one too many. Anything but 0 is a bug.");
        rangeDuration = meter.CreateHistogram(
            "pushfanout.range.duration", "s", "From the start of a range's expansion until all its batches are confirmed.", advice: Buckets.Work);
        rangeTokens = meter.CreateCounter<long>("pushfanout.range.tokens", "{token}", "Tokens found by expansion.");
        batches = meter.CreateCounter<long>("pushfanout.batches.published", "{batch}", "Batches that the broker confirmed.");
        batchTokens = meter.CreateCounter<long>("pushfanout.batches.tokens", "{token}", "Tokens in batches that the broker confirmed.");
        claims = meter.CreateCounter<long>("pushfanout.batch.claims", "{claim}", "Batches taken from the broker, by the ledger's verdict.");
        answers = meter.CreateCounter<long>("pushfanout.push.answers", "{push}", "Attempts to push, by the answer.");
        pushDuration = meter.CreateHistogram("pushfanout.push.duration", "s", "From a push's write to its answer.", advice: Buckets.Answer);
        pushAge = meter.CreateHistogram("pushfanout.push.age", "s", "From the request's publication to APNs' answer for a token.", advice: Buckets.Age);
        outcomes = meter.CreateCounter<long>("pushfanout.push.outcomes", "{push}", "Tokens settled in the ledger, by outcome and reason.");
        ambiguous = meter.CreateCounter<long>("pushfanout.push.ambiguous", "{push}", "Pushes written and never answered: sent again, possibly a duplicate.");
        retries = meter.CreateCounter<long>("pushfanout.retries", "{token}", "Tokens put into a wait queue for another attempt.");
        retired = meter.CreateCounter<long>("pushfanout.tokens.retired", "{token}", "Dead tokens removed from the token cache.");
        parked = meter.CreateCounter<long>("pushfanout.messages.parked", "{message}", "Messages put aside for an operator.");
        holds = meter.CreateCounter<long>("pushfanout.queue.holds", "{hold}", "Times that a queue stood still because a part it needs was away.");
        publishDuration = meter.CreateHistogram("pushfanout.publish.duration", "s", "From a publish to the broker's confirmation.", advice: Buckets.Answer);
    }

    /// <param name="result"><c>accepted</c>, <c>rejected</c>, <c>parked</c> or <c>repeated</c>.</param>
    public void RequestReceived(string app, string result) => requests.Add(1, Tag(Tags.App, Known(app)), Tag(Tags.Result, result));

    /// <param name="difference">Audience minus the sum of all outcomes.</param>
    public void NotificationCompleted(string app, string state, long difference)
    {
        notifications.Add(1, Tag(Tags.App, Known(app)), Tag(Tags.State, state));
        // Also with 0, so that the series exists before the day it matters; absolute, so that two faults cannot hide each other.
        balanceDifference.Add(Math.Abs(difference), Tag(Tags.App, Known(app)));
    }

    public void RangeExpanded(string lane, int tokens, TimeSpan elapsed)
    {
        rangeDuration.Record(elapsed.TotalSeconds, Tag(Tags.Lane, lane));
        rangeTokens.Add(tokens, Tag(Tags.Lane, lane));
    }

    public void BatchPublished(string lane, int tokens)
    {
        batches.Add(1, Tag(Tags.Lane, lane));
        batchTokens.Add(tokens, Tag(Tags.Lane, lane));
    }

    public void BatchClaimed(string lane, string verdict) => claims.Add(1, Tag(Tags.Verdict, verdict), Tag(Tags.Lane, lane));

    /// <summary>Once per push, from any thread; allocates nothing.</summary>
    public void PushAnswered(string lane, Answer answer, ApnsReason reason, TimeSpan elapsed)
    {
        var tags = pushTags.Of(lane);
        answers.Add(1, tags.Of(answer, reason));
        pushDuration.Record(elapsed.TotalSeconds, tags.Of(answer));
    }

    /// <summary>Once per push, from any thread; allocates nothing.</summary>
    public void PushAge(string lane, TimeSpan sinceRequested) => pushAge.Record(sinceRequested.TotalSeconds, pushTags.Of(lane).Lane);

    public void OutcomesSettled(string app, string lane, Outcome outcome, OutcomeReason reason, int count)
    {
        var tags = new TagList
        {
            { Tags.App, Known(app) },
            { Tags.Outcome, PushTags.WordOf(outcome) },
            { Tags.Reason, PushTags.WordOf(reason) },
            { Tags.Lane, lane },
        };
        outcomes.Add(count, tags);
    }

    public void Ambiguous(string lane, int count) => ambiguous.Add(count, Tag(Tags.Lane, lane));

    public void RetryScheduled(string lane, string tier, int tokens) => retries.Add(tokens, Tag(Tags.Tier, tier), Tag(Tags.Lane, lane));

    public void TokensRetired(string app, int count) => retired.Add(count, Tag(Tags.App, Known(app)));

    public void MessageParked(string queue, string reason) => parked.Add(1, Tag(Tags.Queue, queue), Tag(Tags.Reason, reason));

    public void QueueHeld(string queue, string reason) => holds.Add(1, Tag(Tags.Queue, queue), Tag(Tags.Reason, reason));

    /// <param name="kind">What was published, for example <c>push-batch</c>.</param>
    public void PublishConfirmed(string kind, TimeSpan elapsed) => publishDuration.Record(elapsed.TotalSeconds, Tag(Tags.Kind, kind));

    private string Known(string app) => apps.Contains(app) ? app : OtherApp;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using PushFanout.Apns;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Telemetry;

/// <summary>
/// What the pipeline counts. Every tag has a closed set of values: an app that is not configured is <c>other</c>; lanes, verdicts,
/// tiers, queues and reasons are the code's own words. Nothing here is per notification, user or token.
/// </summary>
internal sealed class FanoutMetrics
{
    public const string MeterName = "PushFanout";

    private const string OtherApp = "other";

    private volatile FrozenSet<string> _apps;
    private readonly PushTags _pushTags = new();

    private readonly Counter<long> _requests;
    private readonly Counter<long> _notifications;
    private readonly Counter<long> _balanceDifference;
    private readonly Histogram<double> _rangeDuration;
    private readonly Counter<long> _rangeTokens;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _batchTokens;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _pushDuration;
    private readonly Histogram<double> _pushAge;
    private readonly Counter<long> _outcomes;
    private readonly Counter<long> _ambiguous;
    private readonly Counter<long> _retries;
    private readonly Histogram<int> _retryDepth;
    private readonly Histogram<double> _feedbackLag;
    private readonly Counter<long> _retired;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _holds;
    private readonly Counter<long> _consumerRestarts;
    private readonly Counter<long> _ledgerLosses;
    private readonly Histogram<double> _publishDuration;
    private readonly Histogram<double> _rateWait;
    private readonly Counter<long> _brakeOpenings;
    private readonly Counter<long> _quarantined;
    private readonly Meter _meter;

    public FanoutMetrics(IMeterFactory meters, PushFanoutOptions options)
    {
        _apps = options.Apps.Keys.ToFrozenSet(StringComparer.Ordinal);
        var meter = _meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("pushfanout.requests", "{request}", "Notification requests by what intake did with them.");
        _notifications = meter.CreateCounter<long>("pushfanout.notifications.completed", "{notification}", "Notifications that ended.");
        _balanceDifference = meter.CreateCounter<long>(
            "pushfanout.balance.difference", "{token}", "Tokens of ended notifications without an outcome, or with one too many. Anything but 0 is a bug.");
        _rangeDuration = meter.CreateHistogram(
            "pushfanout.range.duration", "s", "From the start of a range's expansion until all its batches are confirmed.", advice: Buckets.Work);
        _rangeTokens = meter.CreateCounter<long>("pushfanout.range.tokens", "{token}", "Tokens found by expansion.");
        _batches = meter.CreateCounter<long>("pushfanout.batches.published", "{batch}", "Batches that the broker confirmed.");
        _batchTokens = meter.CreateCounter<long>("pushfanout.batches.tokens", "{token}", "Tokens in batches that the broker confirmed.");
        _claims = meter.CreateCounter<long>("pushfanout.batch.claims", "{claim}", "Batches taken from the broker, by the ledger's verdict.");
        _answers = meter.CreateCounter<long>("pushfanout.push.answers", "{push}", "Attempts to push, by the answer.");
        _pushDuration = meter.CreateHistogram("pushfanout.push.duration", "s", "From a push's write to its answer.", advice: Buckets.Answer);
        _pushAge = meter.CreateHistogram("pushfanout.push.age", "s", "From the request's publication, or its notBefore, to APNs' answer for a token.", advice: Buckets.Age);
        _outcomes = meter.CreateCounter<long>("pushfanout.push.outcomes", "{push}", "Tokens settled in the ledger, by outcome and reason.");
        _ambiguous = meter.CreateCounter<long>("pushfanout.push.ambiguous", "{push}", "Pushes written and never answered: sent again, possibly a duplicate.");
        _retries = meter.CreateCounter<long>("pushfanout.retries", "{token}", "Tokens put into a wait queue for another attempt.");
        _retryDepth = meter.CreateHistogram("pushfanout.retry.depth", "{attempt}", "Which retry a batch goes into, each time; 1 is the first.", advice: Buckets.Attempts);
        _feedbackLag = meter.CreateHistogram(
            "pushfanout.feedback.lag", "s", "From the report of a dead token until it is removed; what was in quarantine is left out.", advice: Buckets.Age);
        _retired = meter.CreateCounter<long>("pushfanout.tokens.retired", "{token}", "Dead tokens removed from the token cache.");
        _parked = meter.CreateCounter<long>("pushfanout.messages.parked", "{message}", "Messages put aside for an operator.");
        _holds = meter.CreateCounter<long>("pushfanout.queue.holds", "{hold}", "Times that a queue stood still because a part it needs was away.");
        _consumerRestarts = meter.CreateCounter<long>("pushfanout.consumer.restarts", "{restart}", "Consumers started anew because a queue had none although the broker answered.");
        _ledgerLosses = meter.CreateCounter<long>("pushfanout.ledger.losses", "{notification}", "Running notifications whose books Redis had lost; made anew.");
        _publishDuration = meter.CreateHistogram("pushfanout.publish.duration", "s", "From a publish to the broker's confirmation.", advice: Buckets.Answer);
        _brakeOpenings = meter.CreateCounter<long>("pushfanout.brake.openings", "{opening}", "Times that the brake of an app opened: too many tokens looked dead.");
        _quarantined = meter.CreateCounter<long>(
            "pushfanout.quarantine.tokens", "{token}", "Reported tokens that went into quarantine, or were dropped from it by an operator or by age.");
        _rateWait = meter.CreateHistogram("pushfanout.rate.wait", "s", "How long a batch waited for permits of a rate, each time that it asked.", advice: Buckets.Answer);
    }

    /// <summary>
    /// Makes the series at 0 that somebody is warned by, or compares with: one that begins at its first event has never risen, and
    /// one that is not there cannot be told from a worker that is not. Call it when the exporters listen.
    /// </summary>
    /// <param name="queues">That messages may be parked from, and whose consumers may be restarted.</param>
    public void BeginAtZero(IEnumerable<string> queues)
    {
        foreach (var app in _apps)
        {
            _requests.Add(0, Tag(Tags.App, app), Tag(Tags.Result, "accepted"));
            _notifications.Add(0, Tag(Tags.App, app), Tag(Tags.State, "done"));
            _balanceDifference.Add(0, Tag(Tags.App, app));
            OutcomesSettled(app, Outcome.Accepted, OutcomeReason.None, 0);
            _retired.Add(0, Tag(Tags.App, app));
            _ledgerLosses.Add(0, Tag(Tags.App, app));
            _brakeOpenings.Add(0, Tag(Tags.App, app));
        }
        foreach (var lane in Enum.GetValues<Lane>().Select(lane => lane.Word()))
        {
            _answers.Add(0, _pushTags.Of(lane).Of(Answer.Accepted, ApnsReason.None));
            Ambiguous(lane, 0);
        }
        foreach (var queue in queues)
        {
            _parked.Add(0, Tag(Tags.Queue, queue), Tag(Tags.Reason, "unreadable"));
            _consumerRestarts.Add(0, Tag(Tags.Queue, queue));
        }
    }

    /// <param name="result"><c>accepted</c>, <c>rejected</c>, <c>parked</c> or <c>repeated</c>.</param>
    public void RequestReceived(string app, string result) => _requests.Add(1, Tag(Tags.App, Known(app)), Tag(Tags.Result, result));

    /// <param name="difference">Audience minus the sum of all outcomes.</param>
    public void NotificationCompleted(string app, string state, long difference)
    {
        _notifications.Add(1, Tag(Tags.App, Known(app)), Tag(Tags.State, state));
        // Also with 0, so that the series exists before the day it matters; absolute, so that two faults cannot hide each other.
        _balanceDifference.Add(Math.Abs(difference), Tag(Tags.App, Known(app)));
    }

    public void RangeExpanded(string lane, int tokens, TimeSpan elapsed)
    {
        _rangeDuration.Record(elapsed.TotalSeconds, Tag(Tags.Lane, lane));
        _rangeTokens.Add(tokens, Tag(Tags.Lane, lane));
    }

    public void BatchPublished(string lane, int tokens)
    {
        _batches.Add(1, Tag(Tags.Lane, lane));
        _batchTokens.Add(tokens, Tag(Tags.Lane, lane));
    }

    public void BatchClaimed(string lane, string verdict) => _claims.Add(1, Tag(Tags.Verdict, verdict), Tag(Tags.Lane, lane));

    /// <summary>Once per push, from any thread; allocates nothing.</summary>
    public void PushAnswered(string lane, Answer answer, ApnsReason reason, TimeSpan elapsed)
    {
        _answers.Add(1, _pushTags.Of(lane).Of(answer, reason));
        if (elapsed > TimeSpan.Zero) // else it was never written
        {
            _pushDuration.Record(elapsed.TotalSeconds, PushTags.Of(answer));
        }
    }

    /// <summary>Once per push, from any thread; allocates nothing.</summary>
    public void PushAge(string lane, TimeSpan sinceRequested) => _pushAge.Record(sinceRequested.TotalSeconds, _pushTags.Of(lane).Lane);

    public void OutcomesSettled(string app, Outcome outcome, OutcomeReason reason, int count) => _outcomes.Add(
        count, Tag(Tags.App, Known(app)), Tag(Tags.Outcome, PushTags.WordOf(outcome)), Tag(Tags.Reason, PushTags.WordOf(reason)));

    public void Ambiguous(string lane, int count) => _ambiguous.Add(count, Tag(Tags.Lane, lane));

    /// <summary>An attempt of a batch was used, and tokens are left for the next.</summary>
    /// <param name="attempt">The next, from 1.</param>
    public void RetryScheduled(string lane, string tier, int tokens, int attempt)
    {
        RetryScheduled(lane, tier, tokens);
        _retryDepth.Record(attempt, Tag(Tags.Lane, lane));
    }

    public void RetryScheduled(string lane, string tier, int tokens) => _retries.Add(tokens, Tag(Tags.Tier, tier), Tag(Tags.Lane, lane));

    public void TokensRetired(string app, int count) => _retired.Add(count, Tag(Tags.App, Known(app)));

    public void FeedbackDone(TimeSpan sinceReported) => _feedbackLag.Record(sinceReported.TotalSeconds);

    public void MessageParked(string queue, string reason) => _parked.Add(1, Tag(Tags.Queue, queue), Tag(Tags.Reason, reason));

    public void QueueHeld(string queue, string reason) => _holds.Add(1, Tag(Tags.Queue, queue), Tag(Tags.Reason, reason));

    public void ConsumerRestarted(string queue) => _consumerRestarts.Add(1, Tag(Tags.Queue, queue));

    public void LedgerLost(string app) => _ledgerLosses.Add(1, Tag(Tags.App, Known(app)));

    public void BrakeOpened(string app) => _brakeOpenings.Add(1, Tag(Tags.App, Known(app)));

    /// <param name="result"><c>quarantined</c> or <c>dropped</c>.</param>
    public void TokensQuarantined(string app, string result, int tokens) =>
        _quarantined.Add(tokens, Tag(Tags.App, Known(app)), Tag(Tags.Result, result));

    /// <summary>Shows for each app whether its brake is open, its credential rests and it is on probation.</summary>
    public void ObserveBrakes(Func<IEnumerable<AppBrake>> brakes)
    {
        Observe("pushfanout.brake.open", "1 while the brake of the app is open: sends wait and nothing is removed until an operator decides.", condition => condition.Open);
        Observe("pushfanout.credential.rests", "1 while APNs refuses the app's credential and its sends rest.", condition => condition.Rests);
        Observe("pushfanout.probation", "1 while the app has not enough good answers to be sent to freely.", condition => !condition.Trusted);

        void Observe(string name, string description, Func<AppCondition, bool> holds) => _meter.CreateObservableGauge(
            name,
            () => brakes().Select(brake => new Measurement<int>(holds(brake.Condition!) ? 1 : 0, Tag(Tags.App, Known(brake.App)))),
            unit: null, description);
    }

    /// <param name="kind">What was published, for example <c>push-batch</c>.</param>
    public void PublishConfirmed(string kind, TimeSpan elapsed) => _publishDuration.Record(elapsed.TotalSeconds, Tag(Tags.Kind, kind));

    public void RateWaited(string lane, TimeSpan elapsed) => _rateWait.Record(elapsed.TotalSeconds, Tag(Tags.Lane, lane));

    /// <summary>Shows these apps by name too from now on.</summary>
    public void Serve(IEnumerable<string> apps) => _apps = _apps.Union(apps).ToFrozenSet(StringComparer.Ordinal);

    public void ObserveRefusedFiles(Func<int> refused) => _meter.CreateObservableGauge(
        "pushfanout.configuration.refused", refused, "{file}", "App files and credentials that were changed on disk and cannot be used: what was there before still is.");

    private string Known(string app) => _apps.Contains(app) ? app : OtherApp;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

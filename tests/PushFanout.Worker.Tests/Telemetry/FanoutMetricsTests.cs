using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Apns;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Telemetry;

public sealed class FanoutMetricsTests
{
    [Fact]
    public void The_way_of_a_notification_is_counted_by_app_lane_outcome_and_reason()
    {
        using var recorded = new RecordedMetrics("shop-ios");
        var metrics = recorded.Metrics;

        metrics.RequestReceived("shop-ios", "accepted");
        metrics.RangeExpanded("normal", 20_000, TimeSpan.FromMilliseconds(250));
        metrics.BatchPublished("normal", 500);
        metrics.BatchClaimed("normal", "go");
        metrics.PushAnswered("normal", Answer.CredentialRefused, ApnsReason.BadTopic, TimeSpan.FromMilliseconds(125));
        metrics.PushAge("normal", TimeSpan.FromSeconds(2));
        metrics.OutcomesSettled("shop-ios", Outcome.Rejected, OutcomeReason.BadTopic, 7);
        metrics.RetryScheduled("normal", "30s", 3, attempt: 2);
        metrics.Ambiguous("normal", 2);
        metrics.TokensRetired("shop-ios", 4);
        metrics.PublishConfirmed("push-batch", TimeSpan.FromMilliseconds(5));
        metrics.MessageParked("pushfanout.push-batch.normal", "not_json");
        metrics.QueueHeld("pushfanout.push-batch.normal", "ledger");
        metrics.RateWaited("normal", TimeSpan.FromMilliseconds(50));

        Assert.Equal(
            [
                "requests=1{app=shop-ios,result=accepted}",
                "range.duration=0.25{lane=normal}",
                "range.tokens=20000{lane=normal}",
                "batches.published=1{lane=normal}",
                "batches.tokens=500{lane=normal}",
                "batch.claims=1{verdict=go,lane=normal}",
                "push.answers=1{answer=credential_refused,reason=BadTopic,lane=normal}",
                "push.duration=0.125{answer=credential_refused}",
                "push.age=2{lane=normal}",
                "push.outcomes=7{app=shop-ios,outcome=rejected,reason=BadTopic}",
                "retries=3{tier=30s,lane=normal}",
                "retry.depth=2{lane=normal}",
                "push.ambiguous=2{lane=normal}",
                "tokens.retired=4{app=shop-ios}",
                "publish.duration=0.005{kind=push-batch}",
                "messages.parked=1{queue=push-batch.normal,reason=not_json}",
                "queue.holds=1{queue=push-batch.normal,reason=ledger}",
                "rate.wait=0.05{lane=normal}",
            ],
            recorded.Lines);
    }

    [Fact]
    public void Apps_that_are_not_configured_share_one_series()
    {
        using var recorded = new RecordedMetrics("shop-ios");
        recorded.Metrics.RequestReceived("made-up-1", "rejected");
        recorded.Metrics.RequestReceived("made-up-2", "rejected");

        Assert.All(recorded.Lines, line => Assert.Equal("requests=1{app=other,result=rejected}", line));
    }

    [Fact]
    public void The_balance_is_there_while_it_is_zero_and_two_faults_do_not_hide_each_other()
    {
        using var recorded = new RecordedMetrics("shop-ios");
        recorded.Metrics.NotificationCompleted("shop-ios", "done", 0);
        recorded.Metrics.NotificationCompleted("shop-ios", "done", -3);

        Assert.Equal(
            ["balance.difference=0{app=shop-ios}", "balance.difference=3{app=shop-ios}"],
            recorded.Lines.Where(line => line.StartsWith("balance", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_warns_somebody_begins_at_zero()
    {
        using var recorded = new RecordedMetrics("shop-ios", "news-ios");
        recorded.Metrics.BeginAtZero(["pushfanout.token-feedback"]);

        Assert.All(recorded.Lines, line => Assert.Contains("=0{", line, StringComparison.Ordinal));
        foreach (var line in new[]
        {
            "balance.difference=0{app=news-ios}", "ledger.losses=0{app=news-ios}", "brake.openings=0{app=news-ios}",
            "push.outcomes=0{app=news-ios,outcome=accepted,reason=None}", "push.answers=0{answer=accepted,reason=None,lane=urgent}", "push.ambiguous=0{lane=short}",
            "messages.parked=0{queue=token-feedback,reason=unreadable}", "consumer.restarts=0{queue=token-feedback}",
        })
        {
            Assert.Contains(line, recorded.Lines);
        }
    }

    [Fact]
    public void Every_answer_and_reason_of_the_client_can_be_counted()
    {
        using var recorded = new RecordedMetrics();
        foreach (var answer in Enum.GetValues<Answer>())
        {
            foreach (var reason in Enum.GetValues<ApnsReason>())
            {
                recorded.Metrics.PushAnswered("urgent", answer, reason, TimeSpan.Zero);
            }
        }
        var answers = recorded.Lines.Where(line => line.StartsWith("push.answers", StringComparison.Ordinal)).ToList();
        Assert.Equal(answers.Count, answers.Distinct().Count());
    }

    [Fact]
    public void Counting_a_push_allocates_nothing()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        var measured = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => measured++);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measured++);
        listener.Start();
        var metrics = new FanoutMetrics(factory, new PushFanoutOptions());
        Push();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Push();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3003, measured);

        void Push()
        {
            metrics.PushAnswered("short", Answer.Accepted, ApnsReason.None, TimeSpan.FromMilliseconds(30));
            metrics.PushAge("short", TimeSpan.FromMilliseconds(80));
        }
    }

    [Fact]
    public void The_oldest_publish_without_confirmation_shows_its_age()
    {
        using var recorded = new RecordedMetrics();
        var clock = new SteppedClock();
        var publishes = new UnconfirmedPublishes(recorded.Factory, clock);

        var first = publishes.Begin();
        clock.Step(TimeSpan.FromSeconds(3));
        var second = publishes.Begin();
        clock.Step(TimeSpan.FromSeconds(1));
        recorded.Observe();
        publishes.End(first);
        recorded.Observe();
        publishes.End(second);
        recorded.Observe();

        Assert.Equal(
            [
                "publish.unconfirmed=2{}", "publish.oldest_unconfirmed=4{}", "publish.unconfirmed=1{}", "publish.oldest_unconfirmed=1{}",
                "publish.unconfirmed=0{}", "publish.oldest_unconfirmed=0{}",
            ],
            recorded.Lines);
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Step(TimeSpan by) => now += by.Ticks;

        public override long GetTimestamp() => now;
    }
}

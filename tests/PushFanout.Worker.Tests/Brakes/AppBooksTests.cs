using PushFanout.Worker.Brakes;

namespace PushFanout.Worker.Tests.Brakes;

/// <summary>The rules of brake, probation and quarantine, one by one.</summary>
public sealed class AppBooksTests
{
    private const string Approach = "key-a";

    private static readonly BrakeRules Rules = new(0.10, 500, TimeSpan.FromMinutes(1), 1000);
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly AppBooks _books = new(Rules);

    [Theory]
    [InlineData(499, 0, 0, false)] // below the minimum, whatever the share
    [InlineData(0, 500, 0, true)]
    [InlineData(250, 250, 0, true)]
    [InlineData(500, 0, 4500, false)] // exactly the share is not more than the share
    [InlineData(500, 0, 4499, true)]
    public void It_opens_when_enough_and_too_many_answers_doubt_tokens(int unregistered, int suspect, int accepted, bool open)
    {
        var condition = Tell(new AnswerCounts(accepted, unregistered, suspect, 0, 0));

        Assert.Equal((open, open), (condition.Open, condition.JustOpened));
        Assert.Equal(open ? Start : null, condition.OpenedAt);
        Assert.Equal(open, _books.Status().Open);
    }

    [Fact]
    public void Rejected_pushes_are_answers_but_no_doubt_in_their_tokens()
    {
        Assert.False(Tell(new AnswerCounts(0, 0, 0, Rejected: 5000, 0)).Open);
        Assert.False(Tell(Suspects(550)).Open); // 550 of 5,550 is not more than a tenth
        Assert.True(Tell(Suspects(10)).Open);
    }

    [Fact]
    public void Answers_of_long_ago_do_not_count()
    {
        Tell(Suspects(400));
        Assert.False(Tell(Suspects(400), after: Rules.Window + Rules.Bucket).Open);
        Assert.True(Tell(Suspects(100), after: Rules.Window + Rules.Bucket).Open);
    }

    [Fact]
    public void Open_it_stays_open_and_grants_nothing_until_somebody_decides()
    {
        Tell(Suspects(500));
        Assert.Equal((true, false, 0), Seen(Tell(Good(10_000), wanted: 100, after: TimeSpan.FromHours(5))));

        _books.Decide(BrakeDecision.Resume, null, Start.AddHours(6));
        var closed = Tell(default, wanted: 600, after: TimeSpan.FromHours(6));
        Assert.Equal((false, Start), (closed.Open, closed.OpenedAt));
        Assert.Equal(0, Tell(Suspects(499), after: TimeSpan.FromHours(6)).Granted); // and it counts from nothing
        Assert.True(Tell(Suspects(1), after: TimeSpan.FromHours(6)).Open);
    }

    [Fact]
    public void A_decision_from_before_the_opening_does_not_close_it()
    {
        Tell(Suspects(500), after: TimeSpan.FromSeconds(10));

        Assert.True(_books.Decide(BrakeDecision.Resume, Start.AddSeconds(9), Start.AddSeconds(20)).Open);
        Assert.False(_books.Decide(BrakeDecision.Resume, Start.AddSeconds(10), Start.AddSeconds(20)).Open);
    }

    [Fact]
    public void After_a_release_unregistered_answers_are_believed_for_an_hour_but_suspicions_are_not()
    {
        Tell(Unregistered(500));
        _books.Decide(BrakeDecision.Release, null, Start);

        Assert.False(Tell(Unregistered(5000)).Open);
        Assert.False(Tell(Unregistered(5000), after: TimeSpan.FromMinutes(59)).Open);
        Assert.True(Tell(Unregistered(500), after: TimeSpan.FromMinutes(61)).Open);

        _books.Decide(BrakeDecision.Release, null, Start.AddMinutes(61));
        Assert.True(Tell(Suspects(500), after: TimeSpan.FromMinutes(62)).Open);
    }

    [Fact]
    public void On_probation_all_workers_together_have_500_pushes_outstanding_and_twice_as_many_after_500_good_answers()
    {
        Assert.Equal(400, Tell(default, wanted: 400, worker: "a").Granted);
        Assert.Equal(100, Tell(default, wanted: 400, worker: "b").Granted);
        Assert.Equal(0, Tell(default, wanted: 1, worker: "c").Granted);
        Assert.Equal(30, Tell(Good(30), wanted: 400, outstanding: 370, worker: "a").Granted);

        var doubled = Tell(Good(470), wanted: 4000, outstanding: 0, worker: "a");
        Assert.Equal((900, false), (doubled.Granted, doubled.Trusted)); // b still has 100
        var trusted = Tell(Good(2000), wanted: 100_000, worker: "a");
        Assert.Equal((100_000, true), (trusted.Granted, trusted.Trusted));
    }

    [Fact]
    public void Trust_is_forgotten_ten_minutes_after_the_last_good_answer_and_is_not_another_approach()
    {
        Tell(Good(5000));
        Assert.True(Tell(Good(1), after: TimeSpan.FromMinutes(9)).Trusted);
        Assert.True(Tell(default, after: TimeSpan.FromMinutes(18)).Trusted);
        Assert.False(Tell(default, after: TimeSpan.FromMinutes(18), approach: "key-b").Trusted);
        Assert.False(Tell(default, after: TimeSpan.FromMinutes(20)).Trusted);
    }

    [Fact]
    public void Whoever_goes_on_after_an_opening_begins_small_again()
    {
        Assert.True(Tell(Good(3000)).Trusted);
        Tell(Suspects(600));
        _books.Decide(BrakeDecision.Resume, null, Start);

        Assert.Equal(500, Tell(default, wanted: 9000).Granted);
    }

    [Fact]
    public void The_pushes_of_a_worker_that_died_are_not_outstanding_for_ever()
    {
        Tell(default, wanted: 500, worker: "dead");
        Assert.Equal(0, Tell(default, wanted: 500, worker: "a", after: TimeSpan.FromSeconds(14)).Granted);
        Assert.Equal(500, Tell(default, wanted: 500, worker: "a", after: TimeSpan.FromSeconds(15)).Granted);
    }

    [Fact]
    public void A_wrong_environment_costs_less_than_1000_pushes_however_many_workers_send()
    {
        var outstanding = new int[4];
        var sent = 0;
        var random = new Random(7);
        for (var turn = 0; turn < 10_000; turn++)
        {
            var worker = random.Next(4);
            var answered = random.Next(outstanding[worker] + 1);
            outstanding[worker] -= answered;
            var granted = Tell(Suspects(answered), wanted: 500, outstanding: outstanding[worker], worker: $"{worker}").Granted;
            outstanding[worker] += granted;
            sent += granted;
        }

        Assert.True(_books.Status().Open);
        Assert.InRange(sent, 500, 1000);
    }

    [Fact]
    public void A_refused_credential_rests_longer_each_time_and_a_few_pushes_try_it()
    {
        var refused = Tell(Refused(300), wanted: 400);
        Assert.Equal((Start.AddSeconds(30), 0), (refused.RestsUntil, refused.Granted));
        Assert.Equal(Start.AddSeconds(30), Tell(Refused(200), after: TimeSpan.FromSeconds(29)).RestsUntil); // answers to what was under way

        var trial = Tell(default, wanted: 400, after: TimeSpan.FromSeconds(31));
        Assert.Equal((10, false), (trial.Granted, trial.Rests));
        Assert.Equal(Start.AddSeconds(32 + 60), Tell(Refused(10), after: TimeSpan.FromSeconds(32)).RestsUntil);

        var mended = Tell(Good(10), wanted: 400, after: TimeSpan.FromMinutes(3));
        Assert.Equal((null, 400), (mended.RestsUntil, mended.Granted));
    }

    [Fact]
    public void A_credential_that_an_operator_has_mended_is_tried_at_once()
    {
        Tell(Refused(1));
        _books.Decide(BrakeDecision.Resume, null, Start.AddSeconds(1));
        Assert.Equal(100, Tell(default, wanted: 100, after: TimeSpan.FromSeconds(2)).Granted);
    }

    [Fact]
    public void What_Redis_forgot_a_worker_that_saw_it_tells_it_again_unless_somebody_has_decided_since()
    {
        Assert.True(Tell(default, seenOpenAt: Start.AddSeconds(-5)).Open);
        _books.Decide(BrakeDecision.Resume, null, Start.AddSeconds(1));
        Assert.False(Tell(default, after: TimeSpan.FromSeconds(2), seenOpenAt: Start.AddSeconds(-5)).Open);
    }

    [Fact]
    public void Removals_have_a_limit_in_a_minute_that_only_the_first_report_may_pass()
    {
        Assert.True(_books.TakeRemovals(700, Start));
        Assert.False(_books.TakeRemovals(301, Start));
        Assert.True(_books.TakeRemovals(300, Start.AddSeconds(59)));
        Assert.True(_books.TakeRemovals(5000, Start.AddSeconds(60)));
        Assert.False(_books.TakeRemovals(1, Start.AddSeconds(61)));
    }

    [Fact]
    public void A_decision_about_the_quarantine_ends_its_count()
    {
        _books.CountQuarantined("BadDeviceToken", 3);
        _books.CountQuarantined("BadDeviceToken", 4);
        Assert.Equal(7, _books.Status().Quarantined["BadDeviceToken"]);

        var discarded = _books.Decide(BrakeDecision.Discard, null, Start.AddMinutes(1));
        Assert.Empty(discarded.Quarantined);
        Assert.Equal((Start.AddMinutes(1), null), (discarded.DiscardedAt, discarded.ReleasedAt));
    }

    private static AnswerCounts Good(int count) => new(count, 0, 0, 0, 0);

    private static AnswerCounts Unregistered(int count) => new(0, count, 0, 0, 0);

    private static AnswerCounts Suspects(int count) => new(0, 0, count, 0, 0);

    private static AnswerCounts Refused(int count) => new(0, 0, 0, 0, count);

    private static (bool Open, bool JustOpened, int Granted) Seen(AppCondition condition) => (condition.Open, condition.JustOpened, condition.Granted);

    private AppCondition Tell(
        AnswerCounts heard, int wanted = 0, int outstanding = 0, string worker = "a", string approach = Approach, TimeSpan after = default, DateTimeOffset? seenOpenAt = null) =>
        _books.Report(approach, new AppReport(worker, heard, outstanding, wanted, seenOpenAt), Start + after);
}

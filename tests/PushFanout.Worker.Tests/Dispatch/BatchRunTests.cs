using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Apns;
using PushFanout.TokenCache;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Tests.Dispatch;

public sealed class BatchRunTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte Accepted = new OutcomeByte(Outcome.Accepted, OutcomeReason.None).Value;
    private static readonly byte Held = new OutcomeByte(Outcome.Held, OutcomeReason.BadDeviceToken).Value;
    private static readonly byte Rejected = new OutcomeByte(Outcome.Rejected, OutcomeReason.BadDeviceToken).Value;
    private static readonly LedgerProgress Running = new(NotificationState.Running, false, -1, Start);

    [Fact]
    public void Only_what_the_claim_left_pending_is_sent_and_outcomes_land_at_their_positions()
    {
        using var run = Run([0, Accepted, 0, 0]);
        Assert.Equal([[0], [2], [3]], run.Tokens.ToArray().Select(token => token.ToArray()));

        run.OnAnswer(1, new PushAnswer(Answer.Accepted, Status: 200));
        var segment = run.Segment(OutcomeFlusher.Lease);
        Assert.Equal((102, 1), (segment.Offset, segment.Outcomes.Length));
        Assert.Equal(Accepted, segment.Outcomes.Span[0]);
        Assert.Equal((2, false), run.Left());
    }

    [Fact]
    public void What_the_ledger_has_taken_is_not_given_again()
    {
        using var run = Run([0, 0, 0]);
        run.OnAnswer(0, new PushAnswer(Answer.Accepted, Status: 200));
        var first = run.Segment(OutcomeFlusher.Lease);
        run.OnAnswer(2, new PushAnswer(Answer.Ambiguous, ApnsReason.AnswerTimeout));
        run.OnSettled(first, Running, stillOwner: true);
        Assert.Equal(0, run.Unconfirmed);

        var second = run.Segment(OutcomeFlusher.Lease);
        Assert.Equal(0, second.Outcomes.Length);
        Assert.Equal(1, second.Ambiguous);
        Assert.Equal((2, true), run.Left());
    }

    [Fact]
    public void A_dead_token_settles_only_after_its_report_is_confirmed()
    {
        using var run = Run([0]);
        run.OnAnswer(0, new PushAnswer(Answer.Unregistered, ApnsReason.Unregistered, "Unregistered", 410, Start));
        Assert.Equal(0, run.Unconfirmed);
        Assert.Equal(Start, Assert.Single(run.DeadTokens()).Since);

        run.DeadTokensReported(1);
        Assert.Equal(Outcome.Unregistered, new OutcomeByte(run.Segment(OutcomeFlusher.Lease).Outcomes.Span[0]).Outcome);
        Assert.Empty(run.DeadTokens());
    }

    [Fact]
    public void A_suspected_token_is_held_and_neither_pending_nor_settled()
    {
        using var run = Run([0, 0]);
        run.OnAnswer(0, new PushAnswer(Answer.Suspect, ApnsReason.BadDeviceToken, "BadDeviceToken", 400));
        run.OnAnswer(1, new PushAnswer(Answer.Accepted, Status: 200));

        Assert.Equal([Held, Accepted], run.Segment(OutcomeFlusher.Lease).Outcomes.ToArray());
        Assert.Equal((0, false), run.Left());
        Assert.Equal([0], Assert.Single(run.HeldTokens()).Token.ToArray());
        Assert.InRange(run.Held!.Last, Start, Start.AddMinutes(1));
    }

    [Fact]
    public void Held_tokens_of_an_earlier_delivery_are_not_sent_again_and_are_rejected_for_their_own_reason()
    {
        var since = new HeldTime(Start.AddMinutes(-2), Start.AddMinutes(-1));
        using var run = Run([Held, 0, Accepted], since);
        Assert.Equal([[1]], run.Tokens.ToArray().Select(token => token.ToArray()));
        Assert.Equal(since, run.Held);
        Assert.Equal((since.First, "BadDeviceToken"), (run.HeldTokens()[0].Since, run.HeldTokens()[0].Reason));

        run.RejectHeld();
        Assert.Equal(1, run.Unconfirmed);
        Assert.Equal(Rejected, run.Segment(OutcomeFlusher.Lease).Outcomes.ToArray()[0]);
        Assert.Null(run.Held);
    }

    [Fact]
    public void When_a_send_ends_without_the_rest_a_held_token_keeps_the_answer_it_had()
    {
        using var run = Run([Held, 0]);
        run.SettleAll(new OutcomeByte(Outcome.Cancelled, OutcomeReason.None));
        Assert.Equal([Rejected, new OutcomeByte(Outcome.Cancelled, OutcomeReason.None).Value], run.Segment(OutcomeFlusher.Lease).Outcomes.ToArray());
    }

    [Fact]
    public void A_copy_of_a_batch_that_does_not_know_since_when_its_tokens_are_held_counts_from_now()
    {
        using var run = Run([Held]);
        Assert.InRange(run.Held!.First, Start, Start.AddMinutes(1));
    }

    [Theory]
    [InlineData(Answer.Transient, true)]
    [InlineData(Answer.Ambiguous, true)]
    [InlineData(Answer.Unprocessed, false)]
    [InlineData(Answer.CredentialRefused, false)]
    public void Only_an_attempt_that_APNs_may_have_handled_is_used_up(Answer answer, bool used)
    {
        using var run = Run([0]);
        run.OnAnswer(0, new PushAnswer(answer));
        Assert.Equal((1, used), run.Left());
        run.GiveUpOnUsedAttempts();
        Assert.Equal(used ? 0 : 1, run.Left().Count);
    }

    [Fact]
    public void A_refused_credential_stops_the_rest_of_the_batch()
    {
        using var run = Run([0, 0]);
        run.OnAnswer(0, new PushAnswer(Answer.CredentialRefused, ApnsReason.InvalidProviderToken, "InvalidProviderToken", 403));
        Assert.True(run.StopStarting.IsCancellationRequested);
        Assert.True(run.CredentialRefused);
    }

    [Theory]
    [InlineData("Paused", true)]
    [InlineData("Cancelled", true)]
    [InlineData("Running", false)]
    public void Nothing_new_starts_when_the_send_stands_still_or_the_lease_is_lost(string state, bool stillOwner)
    {
        using var run = Run([0]);
        run.OnSettled(run.Segment(OutcomeFlusher.Lease), Running with { State = Enum.Parse<NotificationState>(state) }, stillOwner);
        Assert.True(run.StopStarting.IsCancellationRequested);
    }

    private static BatchRun Run(byte[] known, HeldTime? held = null)
    {
        var writer = new PackedTokenWriter();
        for (var i = 0; i < known.Length; i++)
        {
            writer.Add([(byte)i]);
        }
        var template = new PushTemplate("shop-ios", null, "com.example.shop", "alert", null, "c", null, Start, null, Start.AddHours(6), false, null);
        var batch = new PushBatch(new BatchKey(Guid.NewGuid(), 0, 1, 0, 1), Lane.Normal, 100, 0, template, default, writer.Written, Held: held);
        var metrics = new FanoutMetrics(
            new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>(), new PushFanoutOptions());
        return new BatchRun(batch, known, owner: 1, Start, new Checkpoint(int.MaxValue, () => { }), metrics, TimeProvider.System, CancellationToken.None);
    }
}

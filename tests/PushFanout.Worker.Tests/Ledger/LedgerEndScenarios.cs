using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>Control, release of ranges, and the end: the second half of what each ledger must pass.</summary>
public abstract class LedgerEndScenarios : LedgerScenarios
{
    [Fact]
    public async Task A_cancel_before_the_request_creates_it_cancelled_whatever_came_in_between()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 2);
        var cancelled = await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt.AddMinutes(-2), default);
        var resumed = await test.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddMinutes(-1), default);

        var created = await test.Ledger.CreateAsync(send, default);
        var claim = Claim(send.Id, send.ShortWay!.Value, 0, 2);
        var claimed = await test.Ledger.ClaimAsync(claim);
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Cancelled, 2)));
        var totals = await test.Ledger.FinishAsync(send.Id, default);

        Assert.Equal((false, true, false), (cancelled.Known, cancelled.Applied, resumed.Applied));
        Assert.Equal((CreateVerdict.Cancelled, NotificationState.Cancelled), (created.Verdict, created.State));
        Assert.Equal(ClaimVerdict.Cancelled, claimed.Verdict);
        Assert.True(settled.StillOwner[0] && settled.Progress.Complete);
        Assert.Equal((NotificationState.Cancelled, 2L, null), (totals!.State, totals.ByOutcome[(int)Outcome.Cancelled], totals.FirstPushAt));
    }

    [Fact]
    public async Task A_pause_before_the_request_creates_it_paused_until_it_is_resumed()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 2);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt, default);

        var created = await test.Ledger.CreateAsync(send, default);
        var claim = Claim(send.Id, send.ShortWay!.Value, 0, 2);
        var paused = await test.Ledger.ClaimAsync(claim);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddSeconds(1), default);

        Assert.Equal((CreateVerdict.New, NotificationState.Paused), (created.Verdict, created.State));
        Assert.Equal(ClaimVerdict.Paused, paused.Verdict);
        Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(claim)).Verdict);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pause_and_resume_end_the_same_in_either_order(bool inOrder)
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        (ControlAction Action, DateTimeOffset At)[] messages =
            [(ControlAction.Pause, RequestedAt.AddHours(-2)), (ControlAction.Resume, RequestedAt.AddHours(-1))];

        ControlResult last = default;
        foreach (var message in inOrder ? messages : messages.Reverse())
        {
            last = await test.Ledger.ControlAsync(send.Id, message.Action, message.At, default);
        }

        Assert.Equal((NotificationState.Running, inOrder), (last.State, last.Applied));
        Assert.Equal(RequestedAt.AddHours(-1), (await test.Ledger.ReadStatusAsync(send.Id, default))!.StateAt);
    }

    [Fact]
    public async Task Cancel_is_final_even_when_it_is_older_and_the_deadline_does_not_change_it()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt.AddHours(1), default);

        var cancel = await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt, default);
        var repeated = await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt, default);
        var resume = await test.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddHours(2), default);
        var expire = await test.Ledger.ControlAsync(send.Id, ControlAction.Expire, RequestedAt.AddHours(3), default);

        Assert.Equal((true, true, false, false), (cancel.Applied, repeated.Applied, resume.Applied, expire.Applied));
        Assert.Equal(NotificationState.Cancelled, expire.State);
    }

    [Fact]
    public async Task After_a_cancel_before_expansion_every_range_is_still_counted_a_window_at_a_time()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 4, window: 2);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt, default);

        var due = new Queue<int>([0, 1]);
        LedgerProgress progress = default;
        for (var counted = 0; counted < 4; counted++)
        {
            var range = due.Dequeue();
            var snap = await test.Ledger.SnapAsync(send.Id, range, Content(range * 10, 3), default);
            Assert.Equal(NotificationState.Cancelled, snap.State);
            var key = new BatchKey(send.Id, range, snap.Generation, 0, snap.Content.Digest64);
            var settled = await test.Ledger.SettleAsync(new SettleSegment(key, 0, All(Outcome.Cancelled, 3), Owner: 0, TimeSpan.Zero, 0));
            Assert.Equal(-1, settled.Progress.ReleaseRange);
            progress = await test.Ledger.ExpandedAsync(send.Id, range, snap.Generation, snap.Content.Digest64, default);
            Assert.Equal(counted < 2 ? counted + 2 : -1, progress.ReleaseRange);
            due.Enqueue(progress.ReleaseRange);
        }

        Assert.True(progress.Complete);
        var totals = await test.Ledger.FinishAsync(send.Id, default);
        Assert.Equal((12L, 12L, NotificationState.Cancelled), (totals!.Audience, totals.ByOutcome[(int)Outcome.Cancelled], totals.State));
    }

    [Fact]
    public async Task A_cancel_lets_the_worker_that_is_sending_have_the_last_word()
    {
        await using var test = await StartAsync();
        var (send, _, claim) = await OneBatchAsync(test, tokens: 2);
        await test.Ledger.ClaimAsync(claim);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt, default);

        var copy = await test.Ledger.ClaimAsync(claim with { Owner = 2 });
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1)), Segment(claim, All(Outcome.Cancelled, 1), at: 1));

        Assert.Equal(ClaimVerdict.Busy, copy.Verdict);
        Assert.Equal((true, NotificationState.Cancelled), (settled.Progress.Complete, settled.Progress.State));
        Assert.Equal([true, true], settled.StillOwner);
    }

    [Fact]
    public async Task A_range_half_settled_releases_the_next_and_never_more_than_the_window_are_open()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 4, window: 2);
        var content = Content(0, 5);
        await test.Ledger.CreateAsync(send, default);
        var snap = await test.Ledger.SnapAsync(send.Id, 0, content, default);
        var expanded = await test.Ledger.ExpandedAsync(send.Id, 0, snap.Generation, content.Digest64, default);
        var claim = Claim(send.Id, content, 0, 5);
        var two = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 2)));
        var three = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1), at: 2));
        var five = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 2), at: 3));
        await test.Ledger.SnapAsync(send.Id, 1, Content(0, 0), default);
        var empty = await test.Ledger.ExpandedAsync(send.Id, 1, 1, Content(0, 0).Digest64, default);

        Assert.Equal(
            [-1, -1, 2, -1, 3],
            [expanded.ReleaseRange, two.Progress.ReleaseRange, three.Progress.ReleaseRange, five.Progress.ReleaseRange, empty.ReleaseRange]);
    }

    [Fact]
    public async Task A_range_whose_message_never_arrived_is_handed_out_again()
    {
        var wait = TimeSpan.FromSeconds(3); // longer than a machine stands still between two calls
        await using var test = await StartAsync(new LedgerLimits { OfferAgainAfter = wait });
        var send = Planned(ranges: 3, window: 3);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.SnapAsync(send.Id, 1, Content(0, 1), default);
        await test.PassAsync(wait);

        var offers = new[]
        {
            (await test.Ledger.AskAsync(send.Id)).ReleaseRange,
            (await test.Ledger.AskAsync(send.Id)).ReleaseRange,
        };
        await test.Ledger.SnapAsync(send.Id, 0, Content(0, 1), default);
        await test.Ledger.SnapAsync(send.Id, 2, Content(0, 1), default);
        await test.PassAsync(wait);

        Assert.Equal([0, 2], offers);
        Assert.Equal(-1, (await test.Ledger.AskAsync(send.Id)).ReleaseRange);
    }

    [Fact]
    public async Task A_paused_send_releases_nothing_but_what_it_sent_still_counts_and_resume_goes_on()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2, window: 1);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt, default);

        var whilePaused = await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));
        var settledBatch = await test.Ledger.ClaimAsync(Claim(send.Id, Content(0, 2), 0, 2));
        await test.Ledger.ControlAsync(send.Id, ControlAction.Resume, RequestedAt.AddSeconds(1), default);
        var resumed = await test.Ledger.AskAsync(send.Id);

        Assert.Equal((NotificationState.Paused, -1), (whilePaused.State, whilePaused.ReleaseRange));
        Assert.Equal(ClaimVerdict.Settled, settledBatch.Verdict);
        Assert.Equal(1, resumed.ReleaseRange);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 2);
    }

    [Fact]
    public async Task A_held_token_is_given_out_with_its_batch_until_somebody_decides_and_unheld_it_is_pending()
    {
        await using var test = await StartAsync();
        var (send, _, claim) = await OneBatchAsync(test, tokens: 3);
        var held = new OutcomeByte(Outcome.Held, OutcomeReason.BadDeviceToken).Value;
        var accepted = new OutcomeByte(Outcome.Accepted, OutcomeReason.None).Value;
        await test.Ledger.ClaimAsync(claim);
        await test.Ledger.SettleAsync(Segment(claim, (byte[])[held, accepted, held]));
        await test.Ledger.HandBackAsync(claim.Batch, claim.Owner, default);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 2, 0, 0, 0, 0, 0, 1);

        var again = await test.Ledger.ClaimAsync(claim with { Owner = 2 });
        await test.Ledger.HandBackAsync(claim.Batch, 2, default);
        var unheld = await test.Ledger.ClaimAsync(claim with { Owner = 3, Unhold = true });
        await test.Ledger.AssertCountsAsync(send.Id, 2, 0, 0, 0, 0, 0, 0, 1);
        var end = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 3), owner: 3));

        Assert.Equal([ClaimVerdict.Go, ClaimVerdict.Go], [again.Verdict, unheld.Verdict]);
        Assert.Equal([held, accepted, held], again.Outcomes.ToArray());
        Assert.Equal([0, accepted, 0], unheld.Outcomes.ToArray());
        Assert.True(end.Progress.Complete);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 3);
    }

    [Fact]
    public async Task A_held_token_is_not_an_outcome_so_the_send_waits_for_it()
    {
        await using var test = await StartAsync();
        var (send, _, claim) = await OneBatchAsync(test, tokens: 2);
        await test.Ledger.ClaimAsync(claim);

        var held = await test.Ledger.SettleAsync(
            Segment(claim, (byte[])[new OutcomeByte(Outcome.Held, OutcomeReason.BadDeviceToken).Value, new OutcomeByte(Outcome.Accepted, 0).Value]));
        var finish = await test.Ledger.FinishAsync(send.Id, default);
        var rejected = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Rejected, 1, OutcomeReason.BadDeviceToken), owner: 0));

        Assert.Equal((false, null, true), (held.Progress.Complete, finish, rejected.Progress.Complete));
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 1, 0, 1);
    }

    [Fact]
    public async Task Outcomes_in_any_order_and_twice_end_in_the_same_counts()
    {
        await using var test = await StartAsync();
        var (send, _, claim) = await OneBatchAsync(test, tokens: 3);
        byte[] one = [new OutcomeByte(Outcome.Accepted, 0).Value, new OutcomeByte(Outcome.Rejected, OutcomeReason.BadTopic).Value, 0];
        byte[] two = [new OutcomeByte(Outcome.Undeliverable, OutcomeReason.NoAnswer).Value, 0, new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline).Value];
        byte[] three = [new OutcomeByte(Outcome.Accepted, OutcomeReason.DryRun).Value, new OutcomeByte(Outcome.Cancelled, 0).Value, 0];

        foreach (var outcomes in (byte[][])[two, three, one, three, two, one])
        {
            await test.Ledger.SettleAsync(Segment(claim, outcomes, ambiguous: 1));
        }

        var totals = (await test.Ledger.ReadStatusAsync(send.Id, default))!.Totals;
        Assert.Equal([0, 0, 0, 1, 0, 1, 0, 1], totals.ByOutcome);
        Assert.Equal([new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline).Value, one[1], three[0]], totals.ByValue.Keys);
        Assert.Equal(6, totals.Ambiguous);
    }

    [Fact]
    public async Task Completion_is_told_until_it_is_closed_and_the_totals_never_move_after_they_were_frozen()
    {
        await using var test = await StartAsync();
        var (send, content, claim) = await OneBatchAsync(test, tokens: 3);
        var early = await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.ClaimAsync(claim);
        var complete = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Rejected, 3)));

        var first = await test.Ledger.FinishAsync(send.Id, default);
        await test.PassAsync(TimeSpan.FromMilliseconds(5));
        var late = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1)));
        var control = await test.Ledger.ControlAsync(send.Id, ControlAction.Cancel, RequestedAt, default);
        var second = await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        var afterClose = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Rejected, 3)), Segment(claim, All(Outcome.Accepted, 1), at: 1));
        await test.Ledger.CloseAsync(send.Id, TimeSpan.Zero, TimeSpan.Zero, default);

        Assert.Null(early);
        Assert.Equal((true, true, false), (complete.Progress.Complete, late.Progress.Complete, afterClose.Progress.Complete));
        Assert.False(control.Applied);
        Assert.Equivalent(first, second, strict: true);
        Assert.Equal([0, 0, 0, 0, 0, 3, 0, 0], first!.ByOutcome);
        var status = await test.Ledger.ReadStatusAsync(send.Id, default);
        Assert.Equal((NotificationState.Done, NotificationState.Done, 2L), (status!.State, status.Totals.State, status.Totals.Late));
        Assert.Equal(first.ByOutcome, status.Totals.ByOutcome);
        Assert.True(status.Totals.Request.IsEmpty);
        var receipt = Assert.Single((await test.Ledger.FindReceiptsAsync(send.Id, range: 0, Receipt(1), default))!.Fitting);
        Assert.Equal((1, Outcome.Rejected, 3), (receipt.Position, receipt.Outcome.Outcome, content.Tokens.Count));
    }

    [Fact]
    public async Task The_highest_tick_whose_successor_is_out_is_known_until_the_record_is_lost()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.TickedAsync(send.Id, 7, default);
        var created = await test.Ledger.CreateAsync(send, default);
        var known = new List<int?> { created.Stored!.Ticked };
        foreach (var number in new[] { 0, 2, 1 })
        {
            await test.Ledger.TickedAsync(send.Id, number, default);
            known.Add((await test.Ledger.ReadAsync(send.Id, default))!.Ticked);
        }
        known.Add((await test.Ledger.CreateAsync(send, default)).Stored!.Ticked);
        await test.LoseAsync(send.Id);
        await test.Ledger.TickedAsync(send.Id, 3, default);
        var lost = await test.Ledger.ReadAsync(send.Id, default);
        await test.Ledger.CreateAsync(send with { Losses = 1 }, default);
        known.Add((await test.Ledger.ReadAsync(send.Id, default))!.Ticked);

        Assert.Equal(CreateVerdict.New, created.Verdict);
        Assert.Equal([null, 0, 2, 2, 2, null], known);
        Assert.Null(lost);
    }

    [Fact]
    public async Task A_range_confirmed_twice_does_not_stand_in_for_one_that_is_not_expanded_yet()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));

        var confirmedAgain = await test.Ledger.ExpandedAsync(send.Id, 0, generation: 1, Content(0, 2).Digest64, default);

        Assert.False(confirmedAgain.Complete);
        Assert.Equal(1, (await test.Ledger.ReadStatusAsync(send.Id, default))!.RangesExpanded);
        Assert.True((await test.Ledger.DeliverAsync(send.Id, 1, Content(2, 2))).Complete);
    }

    [Fact]
    public async Task A_close_before_the_totals_are_frozen_does_nothing()
    {
        await using var test = await StartAsync();
        var (send, _, claim) = await OneBatchAsync(test, tokens: 2);

        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);

        Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(claim)).Verdict);
    }

    [Fact]
    public async Task Receipts_go_when_their_time_is_over_and_the_summary_stays_as_long_as_the_id_is_taken()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));
        await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(20), default);
        await test.PassAsync(TimeSpan.FromMilliseconds(30));

        Assert.Null(await test.Ledger.FindReceiptsAsync(send.Id, range: 0, Receipt(1), default));
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 2);
    }

    [Fact]
    public async Task Receipts_tell_what_is_not_read_yet_what_fits_and_the_attempt_that_is_under_way()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2);
        await test.Ledger.CreateAsync(send, default);
        var content = Content([0, 1, 1, 2]); // two tokens that have the same hash look like one that is there twice
        await test.Ledger.SnapAsync(send.Id, 0, content, default);
        Assert.Null(await FindAsync(range: 1, token: 1));
        Assert.Equal(4, (await FindAsync(range: 0, token: 7))!.Size);
        Assert.Empty((await FindAsync(range: 0, token: 7))!.Fitting);
        Assert.Equal([1, 2], (await FindAsync(range: 0, token: 1))!.Fitting.Select(receipt => receipt.Position));
        Assert.Null(Assert.Single((await FindAsync(range: 0, token: 2))!.Fitting).Claim);

        var first = Claim(send.Id, content, 0, 2, index: 0);
        var second = Claim(send.Id, content, 2, 2, index: 1, attempt: 3);
        await test.Ledger.ClaimAsync(first);
        await test.Ledger.ClaimAsync(second);
        Assert.Equal(
            [new BatchStanding(0, 0, Sending: true), new BatchStanding(1, 3, Sending: true)], (await FindAsync(range: 0, token: 1))!.Fitting.Select(receipt => receipt.Claim));
        await test.Ledger.AdvanceAsync(second.Batch, 4, default);
        Assert.Equal(new BatchStanding(1, 4, Sending: false), Assert.Single((await FindAsync(range: 0, token: 2))!.Fitting).Claim);

        await test.Ledger.SettleAsync(Segment(second, All(Outcome.Expired, 2, OutcomeReason.Deadline)));
        var settled = Assert.Single((await FindAsync(range: 0, token: 2))!.Fitting);
        Assert.Equal((new OutcomeByte(Outcome.Expired, OutcomeReason.Deadline), null), (settled.Outcome, settled.Claim));

        Task<RangeReceipts?> FindAsync(int range, int token) => test.Ledger.FindReceiptsAsync(send.Id, range, Receipt(token), default);
    }

    [Fact]
    public async Task Recent_notifications_are_listed_newest_first_and_page_by_page()
    {
        await using var test = await StartAsync();
        var sends = Enumerable.Range(0, 5).Select(i => Short(0) with { RequestedAt = RequestedAt.AddSeconds(i) }).ToArray();
        foreach (var send in sends)
        {
            await test.Ledger.CreateAsync(send, default);
        }
        await test.Ledger.FinishAsync(sends[3].Id, default);
        await test.Ledger.CloseAsync(sends[3].Id, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), default);
        await test.PassAsync(TimeSpan.FromMilliseconds(10));

        var first = await test.Ledger.ListAsync(2, before: null, default);
        var second = await test.Ledger.ListAsync(9, first[^1].Totals.RequestedAt, default);

        Assert.Equal([sends[4].Id, sends[2].Id], first.Select(status => status.Totals.Id));
        Assert.Equal([sends[1].Id, sends[0].Id], second.Select(status => status.Totals.Id));
    }

    [Fact]
    public async Task Notifications_of_one_moment_are_on_one_page()
    {
        await using var test = await StartAsync();
        var sends = Enumerable.Range(0, 5).Select(i => Short(1) with { RequestedAt = RequestedAt.AddSeconds(i is 0 or 4 ? i : 1) }).ToArray();
        foreach (var send in sends)
        {
            await test.Ledger.CreateAsync(send, default);
        }

        var first = await test.Ledger.ListAsync(2, before: null, default);
        var second = await test.Ledger.ListAsync(2, first[^1].Totals.RequestedAt, default);

        Assert.Equal(sends[1..].Select(send => send.Id).Order(), first.Select(status => status.Totals.Id).Order());
        Assert.Equal([sends[0].Id], second.Select(status => status.Totals.Id));
    }

    [Fact]
    public async Task An_id_is_taken_by_its_content_until_it_may_be_used_again()
    {
        await using var test = await StartAsync();
        var (send, other) = (Short(0, digest: 1), Short(0, digest: 2));
        Assert.False(await IsTakenAsync(other));
        await test.Ledger.CreateAsync(send, default);
        Assert.Equal((false, true), (await IsTakenAsync(send), await IsTakenAsync(other)));

        await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), default);
        await test.PassAsync(TimeSpan.FromMilliseconds(10));
        Assert.False(await IsTakenAsync(other));

        Task<bool> IsTakenAsync(NewNotification content) => test.Ledger.IsTakenByOtherContentAsync(send.Id, content.Digest, default);
    }

    [Fact]
    public async Task Running_are_those_on_the_planned_way_that_have_not_ended_oldest_first()
    {
        await using var test = await StartAsync();
        var sends = Enumerable.Range(0, 3).Select(i => Planned(ranges: 2, window: 1) with { RequestedAt = RequestedAt.AddSeconds(i) }).ToArray();
        foreach (var send in sends.Append(Short(1)).Reverse())
        {
            await test.Ledger.CreateAsync(send, default);
        }
        await test.Ledger.ControlAsync(sends[0].Id, ControlAction.Pause, RequestedAt.AddMinutes(1), default);
        Assert.Equal(sends.Select(send => send.Id), (await test.Ledger.ListRunningAsync(default)).Select(status => status.Totals.Id));

        await test.Ledger.ControlAsync(sends[1].Id, ControlAction.Cancel, RequestedAt.AddMinutes(1), default);
        for (var range = 0; range < 2; range++)
        {
            await test.Ledger.SnapAsync(sends[1].Id, range, Content(0, 0), default);
            await test.Ledger.ExpandedAsync(sends[1].Id, range, 1, Content(0, 0).Digest64, default);
        }
        Assert.NotNull(await test.Ledger.FinishAsync(sends[1].Id, default));
        await test.Ledger.CloseAsync(sends[1].Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);

        for (var look = 0; look < 2; look++) // the first takes out what has ended
        {
            Assert.Equal([sends[0].Id, sends[2].Id], (await test.Ledger.ListRunningAsync(default)).Select(status => status.Totals.Id));
        }
    }

    [Fact]
    public async Task A_record_made_anew_after_a_loss_is_not_exact_and_what_is_left_from_before_is_stale()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2, window: 1);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.SnapAsync(send.Id, 0, Content(0, 4), default);
        var old = Claim(send.Id, Content(0, 4), 0, 4);
        await test.Ledger.ClaimAsync(old);
        await test.LoseAsync(send.Id);

        var nowhere = await test.Ledger.SettleAsync(Segment(old, All(Outcome.Accepted, 4)));
        var created = await test.Ledger.CreateAsync(send with { Losses = 1 }, default);
        var again = await test.Ledger.CreateAsync(send with { Losses = 1 }, default);
        var unknown = await test.Ledger.ClaimAsync(old);
        var snap = await test.Ledger.SnapAsync(send.Id, 0, Content(0, 4), default);
        var stale = await test.Ledger.ClaimAsync(old);
        var ignored = await test.Ledger.SettleAsync(Segment(old, All(Outcome.Rejected, 4)));
        var released = await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 4));
        var end = await test.Ledger.DeliverAsync(send.Id, released.ReleaseRange, Content(4, 3));

        Assert.True(nowhere.Lost && !nowhere.StillOwner[0]);
        Assert.Equal((CreateVerdict.New, CreateVerdict.Same), (created.Verdict, again.Verdict));
        Assert.Equal([0], created.Stored!.Unfinished);
        Assert.Equal((ClaimVerdict.Lost, ClaimVerdict.Stale), (unknown.Verdict, stale.Verdict));
        Assert.Equal((SnapVerdict.Stored, false), (snap.Verdict, snap.Generation == old.Batch.Generation));
        Assert.False(ignored.Lost || ignored.StillOwner[0]);
        Assert.True(end.Complete);
        Assert.False((await test.Ledger.FinishAsync(send.Id, default))!.Exact);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 7);
    }

    [Fact]
    public async Task On_the_short_way_the_batch_goes_on_in_the_record_that_it_made_anew()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 3);
        await test.Ledger.CreateAsync(send, default);
        var claim = Claim(send.Id, send.ShortWay!.Value, 0, 3, attempt: 2);
        await test.LoseAsync(send.Id);

        var lost = await test.Ledger.ClaimAsync(claim);
        await test.Ledger.CreateAsync(send with { Losses = 1 }, default);
        var claimed = await test.Ledger.ClaimAsync(claim);
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 3)));
        var totals = await test.Ledger.FinishAsync(send.Id, default);

        Assert.Equal((ClaimVerdict.Lost, ClaimVerdict.Go, true), (lost.Verdict, claimed.Verdict, settled.Progress.Complete));
        Assert.Equal((3L, false), (totals!.ByOutcome[(int)Outcome.Accepted], totals.Exact));
    }

    [Fact]
    public async Task A_cancel_written_back_before_a_record_is_made_anew_holds_and_an_old_pause_does_not_undo_a_resume()
    {
        await using var test = await StartAsync();
        var (cancelled, resumed) = (Planned(ranges: 1), Planned(ranges: 1));
        await test.Ledger.ControlAsync(cancelled.Id, ControlAction.Cancel, RequestedAt, default);
        await test.Ledger.ControlAsync(resumed.Id, ControlAction.Resume, RequestedAt.AddSeconds(1), default);
        await test.Ledger.ControlAsync(resumed.Id, ControlAction.Pause, RequestedAt, default);

        Assert.Equal(CreateVerdict.Cancelled, (await test.Ledger.CreateAsync(cancelled with { Losses = 1 }, default)).Verdict);
        Assert.Equal(NotificationState.Running, (await test.Ledger.CreateAsync(resumed with { Losses = 1 }, default)).State);
    }
}

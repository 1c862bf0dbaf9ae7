using PushFanout.Worker.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>What goes wrong in a fleet of workers, and that the books stay exact; each ledger must pass all of it.</summary>
public abstract class LedgerScenarios
{
    private protected abstract Task<LedgerUnderTest> StartAsync(LedgerLimits limits);

    private protected Task<LedgerUnderTest> StartAsync() => StartAsync(LedgerUnderTest.Unhurried);

    [Fact]
    public async Task A_single_push_is_created_claimed_settled_finished_and_closed()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 1);

        var created = await test.Ledger.CreateAsync(send, default);
        var claim = Claim(send.Id, created.ShortWay!.Value, 0, 1);
        var claimed = await test.Ledger.ClaimAsync(claim);
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1)));
        var totals = await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);

        Assert.Equal((CreateVerdict.New, ClaimVerdict.Go), (created.Verdict, claimed.Verdict));
        Assert.Equal([0], claimed.Outcomes.ToArray());
        Assert.Equal(claimed.Progress.Now + LongLease, claimed.LeaseUntil);
        Assert.True(settled.Progress.Complete);
        Assert.Equal((1L, 1L, NotificationState.Done), (totals!.Audience, totals.ByOutcome[(int)Outcome.Accepted], totals.State));
        Assert.Equal((1, 2, true), (totals.Malformed, totals.UsersWithoutDevices, totals.Exact));
        Assert.Equal(settled.Progress.Now, totals.FirstPushAt);
        Assert.Equal(CreateVerdict.Done, (await test.Ledger.CreateAsync(send, default)).Verdict);
        Assert.Equal(ClaimVerdict.Done, (await test.Ledger.ClaimAsync(claim)).Verdict);
        Assert.Null(await test.Ledger.ReadAsync(send.Id, default));
    }

    [Fact]
    public async Task An_audience_of_nobody_is_complete_when_it_is_created()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 0);

        var created = await test.Ledger.CreateAsync(send, default);

        Assert.True(created.Stored!.Complete);
        Assert.Equal(0, (await test.Ledger.FinishAsync(send.Id, default))!.Audience);
    }

    [Fact]
    public async Task Intake_killed_between_two_ranges_goes_on_with_the_first_plan_though_the_audience_grew()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 3, window: 2);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 4));

        var again = await test.Ledger.CreateAsync(send with { RangeEnds = [1, 2, 3, 4, 5], Window = 5 }, default);

        Assert.Equal(CreateVerdict.Same, again.Verdict);
        Assert.Equal([2, 4, 6], again.Stored!.RangeEnds);
        Assert.Equal(send.Request.ToArray(), again.Stored.Request.ToArray());
        Assert.Equal((3, 4L, RequestedAt), (again.Stored.Released, again.Stored.SettledTokens, again.Stored.RequestedAt));
        Assert.Equal([1, 2], again.Stored.Unfinished);
    }

    [Fact]
    public async Task Intake_of_the_short_way_goes_on_with_the_tokens_it_stored_first()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 3);
        await test.Ledger.CreateAsync(send, default);

        var again = await test.Ledger.CreateAsync(send with { ShortWay = Content(50, 2) }, default);

        Assert.Equal(CreateVerdict.Same, again.Verdict);
        Assert.Equal(send.ShortWay!.Value.Tokens.Bytes.ToArray(), again.ShortWay!.Value.Tokens.Bytes.ToArray());
        Assert.Equal((3, send.ShortWay.Value.Digest64), (again.ShortWay.Value.Tokens.Count, again.ShortWay.Value.Digest64));
    }

    [Fact]
    public async Task Intake_of_an_audience_that_shrank_to_one_batch_goes_on_with_the_ranges_it_planned_first()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2);
        await test.Ledger.CreateAsync(send, default);

        // Before any range is read, and after.
        var again = await test.Ledger.CreateAsync(send with { RangeEnds = [1], ShortWay = Content(0, 3) }, default);
        await test.Ledger.SnapAsync(send.Id, 0, Content(0, 4), default);
        var later = await test.Ledger.CreateAsync(send with { RangeEnds = [1], ShortWay = Content(0, 3) }, default);

        foreach (var created in new[] { again, later })
        {
            Assert.Equal((CreateVerdict.Same, null, false), (created.Verdict, created.ShortWay, created.Stored!.ShortWay));
            Assert.Equal([2, 4], created.Stored.RangeEnds);
            Assert.Equal([0, 1], created.Stored.Unfinished);
        }
        await test.Ledger.AssertCountsAsync(send.Id, 4, 0, 0, 0, 0, 0, 0, 0);
    }

    [Fact]
    public async Task Intake_of_an_audience_that_outgrew_one_batch_goes_on_with_the_tokens_it_stored_first()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 3);
        await test.Ledger.CreateAsync(send, default);

        var again = await test.Ledger.CreateAsync(send with { RangeEnds = [2, 4, 6], ShortWay = null }, default);

        Assert.Equal((CreateVerdict.Same, true), (again.Verdict, again.Stored!.ShortWay));
        Assert.Equal(send.RangeEnds, again.Stored.RangeEnds);
        Assert.Equal(send.ShortWay!.Value.Tokens.Bytes.ToArray(), again.ShortWay!.Value.Tokens.Bytes.ToArray());
        Assert.Equal((3, send.ShortWay.Value.Digest64), (again.ShortWay.Value.Tokens.Count, again.ShortWay.Value.Digest64));
    }

    [Fact]
    public async Task The_same_id_with_another_request_is_a_conflict_before_and_after_the_end()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 0);
        await test.Ledger.CreateAsync(send, default);
        var before = await test.Ledger.CreateAsync(send with { Digest = Digest(2) }, default);
        await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);

        var after = await test.Ledger.CreateAsync(send with { Digest = Digest(2) }, default);

        Assert.Equal((CreateVerdict.Conflict, CreateVerdict.Conflict), (before.Verdict, after.Verdict));
        Assert.Null(after.Stored);
    }

    [Fact]
    public async Task After_the_dedupe_window_the_id_is_new_again_and_nothing_of_the_old_send_is_left()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 2);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 2));
        await test.Ledger.DeliverAsync(send.Id, 1, Content(2, 2));
        await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromMilliseconds(20), TimeSpan.FromHours(1), default);
        Assert.Single((await test.Ledger.FindReceiptsAsync(send.Id, range: 1, Receipt(3), default))!.Fitting);
        await test.PassAsync(TimeSpan.FromMilliseconds(20));

        var again = await test.Ledger.CreateAsync(send with { Digest = Digest(2) }, default);

        Assert.Equal(CreateVerdict.New, again.Verdict);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 0);
        Assert.Null(await test.Ledger.FindReceiptsAsync(send.Id, range: 1, Receipt(3), default));
    }

    [Fact]
    public async Task An_expander_that_froze_across_done_and_thawed_publishes_nothing()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        await test.Ledger.DeliverAsync(send.Id, 0, Content(0, 4));

        var thawedBeforeTheEnd = await test.Ledger.SnapAsync(send.Id, 0, Content([3, 1, 0, 2]), default);
        await test.Ledger.FinishAsync(send.Id, default);
        await test.Ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        var thawedAfterTheEnd = await test.Ledger.SnapAsync(send.Id, 0, Content([3, 1, 0, 2]), default);

        Assert.Equal((SnapVerdict.Done, SnapVerdict.Done), (thawedBeforeTheEnd.Verdict, thawedAfterTheEnd.Verdict));
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 4);
    }

    [Fact]
    public async Task A_second_expander_publishes_what_the_first_one_fixed()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        var first = await test.Ledger.SnapAsync(send.Id, 0, Content(0, 4), default);

        var second = await test.Ledger.SnapAsync(send.Id, 0, Content([4, 3, 2, 1, 0]), default);

        Assert.Equal((SnapVerdict.Stored, SnapVerdict.UseStored), (first.Verdict, second.Verdict));
        Assert.Equal(first.Generation, second.Generation);
        Assert.Equal(Content(0, 4).Tokens.Bytes.ToArray(), second.Content.Tokens.Bytes.ToArray());
        Assert.Equal((4, Content(0, 4).Digest64), (second.Content.Tokens.Count, second.Content.Digest64));
        await test.Ledger.AssertCountsAsync(send.Id, 4, 0, 0, 0, 0, 0, 0, 0);
    }

    [Fact]
    public async Task A_snapshot_lost_and_made_anew_in_another_order_counts_every_token_once_and_says_so()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        await test.Ledger.CreateAsync(send, default);
        var (old, renewed) = (Content(0, 4), Content([3, 2, 1, 0, 4]));
        await test.Ledger.SnapAsync(send.Id, 0, old, default);
        var oldClaim = Claim(send.Id, old, 0, 2);
        await test.Ledger.ClaimAsync(oldClaim);
        await test.Ledger.SettleAsync(Segment(oldClaim, All(Outcome.Rejected, 2)));
        await test.LoseSnapshotAsync(send.Id, 0);

        var snap = await test.Ledger.SnapAsync(send.Id, 0, renewed, default);
        var late = await test.Ledger.SettleAsync(Segment(oldClaim, All(Outcome.Accepted, 2)));
        var stale = await test.Ledger.ClaimAsync(oldClaim);
        await test.Ledger.ExpandedAsync(send.Id, 0, generation: 1, old.Digest64, default);
        var claimed = await test.Ledger.ClaimAsync(Claim(send.Id, renewed, 0, 5, generation: 2));

        Assert.Equal((SnapVerdict.Stored, 2), (snap.Verdict, snap.Generation));
        Assert.False(late.StillOwner[0]);
        Assert.Equal(ClaimVerdict.Stale, stale.Verdict);
        Assert.Equal((ClaimVerdict.Go, false), (claimed.Verdict, claimed.Progress.Complete));
        Assert.Equal(new byte[5], claimed.Outcomes.ToArray());
        var status = await test.Ledger.ReadStatusAsync(send.Id, default);
        Assert.Equal((5L, false, 0), (status!.Totals.Audience, status.Totals.Exact, status.RangesExpanded));
        Assert.Equal([5, 0, 0, 0, 0, 0, 0, 0], status.Totals.ByOutcome);
    }

    [Fact]
    public async Task A_snapshot_that_redis_forgot_lends_its_generation_to_another_content_but_not_its_outcomes()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        var (forgotten, kept) = (Content(0, 4), Content([3, 2, 1, 0]));
        await test.Ledger.CreateAsync(send, default);
        var first = await test.Ledger.SnapAsync(send.Id, 0, forgotten, default);
        await test.LoseAsync(send.Id);
        await test.Ledger.CreateAsync(send, default); // as whoever made it writes it again
        var second = await test.Ledger.SnapAsync(send.Id, 0, kept, default);
        var sending = Claim(send.Id, kept, 0, 2);
        await test.Ledger.ClaimAsync(sending);

        var late = Claim(send.Id, forgotten, 0, 2);
        await test.Ledger.ExpandedAsync(send.Id, 0, first.Generation, forgotten.Digest64, default);
        var settled = await test.Ledger.SettleAsync(Segment(late, All(Outcome.Accepted, 2), ambiguous: 1));
        await test.Ledger.HandBackAsync(late.Batch, late.Owner, default);
        var busy = await test.Ledger.ClaimAsync(sending with { Owner = 2 });
        await test.Ledger.AdvanceAsync(late.Batch, 3, default);
        var redelivered = await test.Ledger.ClaimAsync(sending);

        Assert.Equal((SnapVerdict.Stored, first.Generation), (second.Verdict, second.Generation));
        Assert.False(settled.StillOwner[0]);
        Assert.Equal((ClaimVerdict.Busy, ClaimVerdict.Go), (busy.Verdict, redelivered.Verdict));
        var status = await test.Ledger.ReadStatusAsync(send.Id, default);
        Assert.Equal([4, 0, 0, 0, 0, 0, 0, 0], status!.Totals.ByOutcome);
        Assert.Equal((0, 0L, true), (status.RangesExpanded, status.Totals.Ambiguous, status.Totals.Exact));
        Assert.Equal(SnapVerdict.UseStored, (await test.Ledger.SnapAsync(send.Id, 0, forgotten, default)).Verdict);
    }

    [Fact]
    public async Task A_short_way_that_redis_forgot_takes_no_outcome_for_tokens_it_did_not_hold()
    {
        await using var test = await StartAsync();
        var send = Short(tokens: 3);
        await test.Ledger.CreateAsync(send, default);
        await test.LoseAsync(send.Id);
        await test.Ledger.CreateAsync(send with { ShortWay = Content(1, 3) }, default);

        var late = await test.Ledger.SettleAsync(Segment(Claim(send.Id, send.ShortWay!.Value, 0, 3), All(Outcome.Accepted, 3)));

        Assert.False(late.Progress.Complete);
        await test.Ledger.AssertCountsAsync(send.Id, 3, 0, 0, 0, 0, 0, 0, 0);
    }

    [Fact]
    public async Task A_retry_of_a_batch_whose_prefix_is_settled_sends_only_the_rest()
    {
        await using var test = await StartAsync();
        var (send, content, claim) = await OneBatchAsync(test, tokens: 4);
        await test.Ledger.ClaimAsync(claim);
        await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 3)));
        await test.Ledger.AdvanceAsync(claim.Batch, 1, default);

        var retry = await test.Ledger.ClaimAsync(claim with { Attempt = 1, Owner = 2 });
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1), at: 3, owner: 2));

        Assert.Equal((ClaimVerdict.Go, 4), (retry.Verdict, content.Tokens.Count));
        Assert.Equal([0xe0, 0xe0, 0xe0, 0], retry.Outcomes.ToArray());
        Assert.True(settled.StillOwner[0]);
        Assert.Equal(ClaimVerdict.Settled, (await test.Ledger.ClaimAsync(claim with { Attempt = 1, Owner = 3 })).Verdict);
        await test.Ledger.AssertCountsAsync(send.Id, 0, 0, 0, 0, 0, 0, 0, 4);
    }

    [Fact]
    public async Task Of_two_copies_of_one_attempt_the_second_waits_until_the_lease_ran_out()
    {
        await using var test = await StartAsync();
        var (_, _, claim) = await OneBatchAsync(test, tokens: 2);
        var first = await test.Ledger.ClaimAsync(claim);
        var busy = await test.Ledger.ClaimAsync(claim with { Owner = 2, Lease = TimeSpan.FromMilliseconds(20) });
        await test.Ledger.HandBackAsync(claim.Batch, owner: 2, default);
        var stillBusy = await test.Ledger.ClaimAsync(claim with { Owner = 2, Lease = TimeSpan.FromMilliseconds(20) });
        await test.Ledger.HandBackAsync(claim.Batch, owner: 1, default);
        var second = await test.Ledger.ClaimAsync(claim with { Owner = 2, Lease = TimeSpan.FromMilliseconds(20) });
        await test.PassAsync(TimeSpan.FromMilliseconds(20));
        var third = await test.Ledger.ClaimAsync(claim with { Owner = 3 });
        var lost = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1), owner: 2));

        Assert.Equal(
            [ClaimVerdict.Go, ClaimVerdict.Busy, ClaimVerdict.Busy, ClaimVerdict.Go, ClaimVerdict.Go],
            [first.Verdict, busy.Verdict, stillBusy.Verdict, second.Verdict, third.Verdict]);
        Assert.False(lost.StillOwner[0]);
    }

    [Fact]
    public async Task A_settle_renews_the_lease_it_belongs_to()
    {
        await using var test = await StartAsync();
        var (_, _, claim) = await OneBatchAsync(test, tokens: 2);
        await test.Ledger.ClaimAsync(claim with { Lease = TimeSpan.FromMilliseconds(20) });

        await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 1)));
        await test.PassAsync(TimeSpan.FromMilliseconds(20));

        Assert.Equal(ClaimVerdict.Busy, (await test.Ledger.ClaimAsync(claim with { Owner = 2 })).Verdict);
    }

    [Fact]
    public async Task An_older_attempt_is_stale_once_the_next_one_is_confirmed_or_seen()
    {
        await using var test = await StartAsync();
        var (_, _, claim) = await OneBatchAsync(test, tokens: 2);
        await test.Ledger.ClaimAsync(claim);
        await test.Ledger.AdvanceAsync(claim.Batch, 1, default);
        var afterAdvance = await test.Ledger.ClaimAsync(claim);
        await test.Ledger.ClaimAsync(claim with { Attempt = 3, Lease = TimeSpan.Zero });
        await test.Ledger.AdvanceAsync(claim.Batch, 2, default);
        var afterClaim = await test.Ledger.ClaimAsync(claim with { Attempt = 2 });
        var foreign = await test.Ledger.ClaimAsync(claim with { Attempt = 4, Batch = claim.Batch with { Digest64 = claim.Batch.Digest64 + 1 } });

        Assert.Equal((ClaimVerdict.Stale, ClaimVerdict.Stale, ClaimVerdict.Stale), (afterAdvance.Verdict, afterClaim.Verdict, foreign.Verdict));
    }

    [Fact]
    public async Task Two_ways_of_cutting_a_range_into_batches_do_not_make_each_other_stale()
    {
        await using var test = await StartAsync();
        var (send, content, claim) = await OneBatchAsync(test, tokens: 6);
        await test.Ledger.ClaimAsync(claim with { Count = 3, Attempt = 2 });

        var otherCut = await test.Ledger.ClaimAsync(Claim(send.Id, content, 0, 4, owner: 2));

        Assert.Equal((ClaimVerdict.Go, 4), (otherCut.Verdict, otherCut.Outcomes.Length));
    }

    [Fact]
    public async Task Five_claims_that_end_in_a_crash_are_poison_but_those_that_end_in_order_are_not()
    {
        await using var test = await StartAsync();
        var (_, _, claim) = await OneBatchAsync(test, tokens: 2);
        var crash = claim with { Lease = TimeSpan.Zero };
        await test.Ledger.ClaimAsync(crash);
        await test.Ledger.SettleAsync(Segment(crash, All(Outcome.Accepted, 1)));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(crash with { Owner = (ulong)i + 1 })).Verdict);
        }
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(claim)).Verdict);
            await test.Ledger.HandBackAsync(claim.Batch, claim.Owner, default);
            Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(claim)).Verdict);
            await test.Ledger.AdvanceAsync(claim.Batch, 0, default);
        }
        Assert.Equal(ClaimVerdict.Go, (await test.Ledger.ClaimAsync(crash with { Owner = 8 })).Verdict);

        var sixth = await test.Ledger.ClaimAsync(claim with { Owner = 9 });
        var asked = await test.Ledger.ClaimAsync(claim with { Owner = 9 });
        var parked = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Undeliverable, 1, OutcomeReason.Poison), at: 1, owner: 9));

        Assert.Equal((ClaimVerdict.Poison, ClaimVerdict.Poison), (sixth.Verdict, asked.Verdict));
        Assert.Equal([0xe0, 0], sixth.Outcomes.ToArray());
        Assert.True(parked.StillOwner[0] && parked.Progress.Complete);
    }

    [Fact]
    public async Task What_the_ledger_does_not_know_is_lost_and_never_fresh()
    {
        await using var test = await StartAsync();
        var send = Planned(ranges: 1);
        var claim = Claim(send.Id, Content(0, 2), 0, 2);
        var noRecord = await test.Ledger.ClaimAsync(claim);
        var unsnapped = await test.Ledger.SnapAsync(send.Id, 0, Content(0, 2), default);
        var settled = await test.Ledger.SettleAsync(Segment(claim, All(Outcome.Accepted, 2)));
        await test.Ledger.ControlAsync(send.Id, ControlAction.Pause, RequestedAt, default);
        var onlyControl = await test.Ledger.ClaimAsync(claim);
        await test.Ledger.CreateAsync(send, default);
        var noRange = await test.Ledger.ClaimAsync(claim);
        await test.Ledger.SnapAsync(send.Id, 0, Content(0, 2), default);
        var newerGeneration = await test.Ledger.ClaimAsync(claim with { Batch = claim.Batch with { Generation = 2 } });

        Assert.Equal(SnapVerdict.Lost, unsnapped.Verdict);
        Assert.Equal(
            [ClaimVerdict.Lost, ClaimVerdict.Lost, ClaimVerdict.Lost, ClaimVerdict.Lost],
            [noRecord.Verdict, onlyControl.Verdict, noRange.Verdict, newerGeneration.Verdict]);
        Assert.Equal((NotificationState.Paused, false), (onlyControl.Progress.State, settled.StillOwner[0]));
    }

    /// <summary>A planned send of one range, expanded into one batch; and the claim of that batch.</summary>
    private protected static async Task<(NewNotification Send, RangeContent Content, ClaimRequest Claim)> OneBatchAsync(LedgerUnderTest test, int tokens)
    {
        var send = Planned(ranges: 1);
        var content = Content(0, tokens);
        await test.Ledger.CreateAsync(send, default);
        var snap = await test.Ledger.SnapAsync(send.Id, 0, content, default);
        await test.Ledger.ExpandedAsync(send.Id, 0, snap.Generation, content.Digest64, default);
        return (send, content, Claim(send.Id, content, 0, tokens));
    }
}

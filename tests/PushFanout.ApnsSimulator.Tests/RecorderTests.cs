namespace PushFanout.ApnsSimulator.Tests;

public sealed class RecorderTests
{
    private static readonly PushReply Gone = new(410, "Unregistered");

    [Fact]
    public void A_duplicate_is_the_same_token_accepted_twice_for_one_notification()
    {
        var recorder = NewRecorder();
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        recorder.Accept(1, "b", Guid.NewGuid(), true);
        recorder.Accept(2, "a", Guid.NewGuid(), true);
        recorder.Refuse(2, "a", Guid.NewGuid(), Gone);
        Assert.Equal(0, recorder.Duplicates);
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        Assert.Equal(2, recorder.Duplicates);
        Assert.Equal(("a", 4, 1, 2), Sum(recorder.Notifications[0]));
        Assert.Equal(("b", 1, 0, 0), Sum(recorder.Notifications[1]));
    }

    [Fact]
    public void Without_a_collapse_id_the_id_that_the_sender_gave_tells_a_duplicate()
    {
        var recorder = NewRecorder();
        var id = Guid.NewGuid();
        recorder.Accept(1, null, id, true);
        recorder.Accept(1, null, Guid.NewGuid(), true);
        recorder.Accept(1, null, id, false);
        Assert.Equal(0, recorder.Duplicates);
        recorder.Accept(1, null, id, true);
        Assert.Equal(1, recorder.Duplicates);
        Assert.Equal((PushRecorder.NoCollapseId, 4, 0, 1), Sum(Assert.Single(recorder.Notifications)));
    }

    [Fact]
    public void Every_push_is_remembered_with_id_time_and_reason_and_found_by_its_notification()
    {
        var clock = new SettableClock();
        var recorder = new PushRecorder(1000, 100, clock);
        var start = clock.GetUtcNow();
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        recorder.Accept(17, "a", first, true);
        clock.Move(TimeSpan.FromHours(3));
        recorder.Refuse(18, "b", second, Gone);
        recorder.Refuse(null, "b", Guid.NewGuid(), Refusals.MissingTopic);
        var pushes = recorder.Pushes().ToList();
        Assert.Equal([(17UL, first, "a", null), (18UL, second, "b", "Unregistered")], pushes.Select(push => (push.TokenHash, push.ApnsId, push.Notification, push.Reason)));
        Assert.InRange(pushes[0].At, start.AddMilliseconds(-1), start.AddMinutes(1));
        Assert.InRange(pushes[1].At, start.AddHours(3).AddMilliseconds(-1), start.AddHours(3).AddMinutes(1));
        Assert.Equal(18UL, Assert.Single(recorder.Pushes("b")).TokenHash);
        Assert.Empty(recorder.Pushes("never seen"));
        Assert.Equal((1, 3), (recorder.Accepted, recorder.Answered));
        Assert.Equal(new Dictionary<string, long> { ["200"] = 1, ["400"] = 1, ["410"] = 1 }, recorder.ByStatus);
    }

    [Fact]
    public void Beyond_its_bounds_it_counts_and_says_so()
    {
        var recorder = new PushRecorder(maxPushes: 3, maxNotifications: 3, TimeProvider.System);
        foreach (var notification in new[] { "a", "b", "c", "a", "a" })
        {
            recorder.Accept(1, notification, Guid.NewGuid(), true);
        }
        Assert.Equal((5, 2), (recorder.Accepted, recorder.NotRemembered));
        Assert.Equal(["(others)", "a"], recorder.Notifications.Select(seen => seen.Notification));
        Assert.Equal(3, recorder.Pushes().Count());
    }

    [Fact]
    public void More_reasons_than_codes_share_the_last()
    {
        var recorder = NewRecorder();
        for (var i = 0; i < 300; i++)
        {
            recorder.Refuse(1, "a", Guid.NewGuid(), new PushReply(400, $"Reason{i}"));
        }
        Assert.Equal(300, recorder.ByReason.Values.Sum());
        Assert.Equal(46, recorder.ByReason["(other)"]);
    }

    [Fact]
    public async Task Waiting_ends_with_the_push_that_completes_the_count_or_with_the_time()
    {
        var recorder = NewRecorder();
        var accepted = recorder.WaitForAcceptedAsync(2, TimeSpan.FromSeconds(60));
        var answered = recorder.WaitForAnsweredAsync(3, TimeSpan.FromSeconds(60));
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        recorder.Refuse(2, "a", Guid.NewGuid(), Gone);
        Assert.False(accepted.IsCompleted || answered.IsCompleted);
        recorder.Accept(3, "a", Guid.NewGuid(), true);
        Assert.True(await accepted);
        Assert.True(await answered);
        Assert.True(await recorder.WaitForAcceptedAsync(1, TimeSpan.Zero));
        Assert.False(await recorder.WaitForAcceptedAsync(4, TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public async Task Many_writers_lose_nothing_and_see_every_duplicate()
    {
        var recorder = new PushRecorder(1_000_000, 100, TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (ulong i = 0; i < 20_000; i++)
            {
                recorder.Accept(i, "a", Guid.Empty, true); // every token comes from every writer
            }
        })));
        Assert.Equal((160_000, 140_000), (recorder.Accepted, recorder.Duplicates));
        Assert.Equal(20_000, recorder.Pushes("a").Select(push => push.TokenHash).Distinct().Count());
    }

    [Fact]
    public void A_reset_forgets_everything()
    {
        var recorder = NewRecorder();
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        recorder.Reset();
        Assert.Equal((0, 0, 0), (recorder.Answered, recorder.Duplicates, recorder.DifferentNotifications));
        recorder.Accept(1, "a", Guid.NewGuid(), true);
        Assert.Equal((1, 0), (recorder.Accepted, recorder.Duplicates));
    }

    [Fact]
    public async Task Pushes_over_the_wire_are_found_by_token_hash_and_id()
    {
        await using var apns = await Bed.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await apns.SendAsync(apns.Push(Client.Token(i), "sale"));
        }
        var again = apns.Push(Client.Token(2), "sale");
        again.Headers.Add("apns-id", "123e4567-e89b-12d3-a456-426614174000");
        await apns.SendAsync(again);
        var pushes = apns.Simulator.Recorder.Pushes("sale").ToList();
        Assert.Equal(new[] { 0, 1, 2, 2 }.Select(i => DeviceTokenHash.Of(Client.Token(i))), pushes.Select(push => push.TokenHash));
        Assert.Equal(Guid.Parse("123e4567-e89b-12d3-a456-426614174000"), pushes[^1].ApnsId);
        Assert.Equal(1, apns.Simulator.Recorder.Duplicates);
    }

    private static PushRecorder NewRecorder() => new(1000, 100, TimeProvider.System);

    private static (string, long, long, long) Sum(NotificationCount seen) => (seen.Notification, seen.Accepted, seen.Refused, seen.Duplicates);
}

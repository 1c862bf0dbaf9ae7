namespace PushFanout.ApnsSimulator.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task The_next_pushes_are_answered_as_ordered_then_all_is_well()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.AnswerNext(503, "ServiceUnavailable", times: 2, retryAfter: TimeSpan.FromSeconds(7));
        apns.Simulator.AnswerNext(429, "TooManyRequests");
        foreach (var expected in new[] { 503, 503, 429, 200 })
        {
            var answer = await apns.SendAsync(apns.Push());
            Assert.Equal(expected, answer.Status);
            Assert.Equal(expected == 503 ? TimeSpan.FromSeconds(7) : null, answer.Headers.RetryAfter?.Delta);
        }
        Assert.Equal(3, apns.Simulator.Stats.Faults[FaultKind.Answer]);
    }

    [Fact]
    public async Task A_fault_waits_for_a_push_that_nothing_else_refuses()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.AnswerNext(500, "InternalServerError");
        apns.Simulator.Tokens.Answer(Client.Token(2), 410, "Unregistered");
        Assert.Equal(410, (await apns.SendAsync(apns.Push(Client.Token(2)))).Status);
        Assert.Equal(500, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
    }

    [Fact]
    public async Task Random_faults_keep_their_shares()
    {
        await using var apns = await Bed.StartAsync(new()
        {
            Faults = new FaultPlan(new FaultShare(0.25, Fault.Answer(503, "ServiceUnavailable")), new FaultShare(0.25, Fault.Answer(500, "InternalServerError"))),
        });
        for (var i = 0; i < 400; i++)
        {
            await apns.SendAsync(apns.Push(Client.Token(i)));
        }
        Assert.InRange(apns.Simulator.Recorder.ByReason["ServiceUnavailable"], 60, 140);
        Assert.InRange(apns.Simulator.Recorder.ByReason["InternalServerError"], 60, 140);
        apns.Simulator.Heal();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
    }

    [Fact]
    public async Task A_refused_stream_was_not_handled_and_may_be_sent_again()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.StrikeNext(Fault.ResetStream());
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status); // .NET sends a refused stream again by itself
        Assert.Equal(1, apns.Simulator.Stats.Faults[FaultKind.ResetStream]);
        Assert.Equal(1, apns.Simulator.Recorder.Accepted);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_broken_stream_leaves_the_sender_in_doubt(bool acceptFirst, int accepted)
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.StrikeNext(Fault.ResetStream(errorCode: 2, acceptFirst));
        var broken = await Assert.ThrowsAsync<HttpRequestException>(() => apns.SendAsync(apns.Push()));
        Assert.Equal(2, Assert.IsType<HttpProtocolException>(broken.InnerException).ErrorCode);
        Assert.Equal(accepted, apns.Simulator.Recorder.Accepted);
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.Equal(1, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_dropped_connection_may_lose_the_answer_of_an_accepted_push(bool acceptFirst, int accepted)
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.StrikeNext(acceptFirst ? Fault.LoseAnswer() : Fault.DropConnection());
        await Assert.ThrowsAsync<HttpRequestException>(() => apns.SendAsync(apns.Push()));
        Assert.Equal(accepted, apns.Simulator.Recorder.Accepted);
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_stalled_push_is_never_answered_while_its_neighbours_are()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.Tokens.Strike(Client.Token(1), Fault.Stall(acceptFirst: true));
        using var patience = new CancellationTokenSource();
        var stalled = apns.Client.SendAsync(apns.Push(Client.Token(1)), patience.Token);
        Assert.True(await apns.Simulator.Recorder.WaitForAcceptedAsync(1, TimeSpan.FromSeconds(60)));
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(2)))).Status);
        Assert.False(stalled.IsCompleted);
        Assert.Equal(1, apns.Simulator.Stats.RequestsInFlight);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stalled);
    }

    [Fact]
    public async Task A_goaway_lets_the_push_through_and_sends_later_ones_elsewhere()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.StrikeNext(Fault.GoAway());
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        await apns.AllConnectionsClosedAsync();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task Every_connection_can_be_closed_gracefully_while_a_slow_push_is_still_answered()
    {
        await using var apns = await Bed.StartAsync(new() { Latency = AnswerLatency.Fixed(TimeSpan.FromSeconds(2)) });
        var slow = apns.SendAsync(apns.Push());
        Assert.True(await apns.Simulator.Recorder.WaitForAcceptedAsync(1, TimeSpan.FromSeconds(60)));
        apns.Simulator.Latency = AnswerLatency.None;
        apns.Simulator.SendGoAway();
        using var other = new Client(apns.Simulator);
        Assert.Equal(200, (await other.SendAsync(apns.Push())).Status);
        Assert.Equal(200, (await slow).Status);
        apns.Simulator.SendGoAway();
        await apns.AllConnectionsClosedAsync();
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task Every_connection_can_be_dropped()
    {
        await using var apns = await Bed.StartAsync(new() { Latency = AnswerLatency.Fixed(TimeSpan.FromMinutes(5)) });
        var lost = apns.SendAsync(apns.Push());
        Assert.True(await apns.Simulator.Recorder.WaitForAcceptedAsync(1, TimeSpan.FromSeconds(60)));
        apns.Simulator.DropConnections();
        await Assert.ThrowsAsync<HttpRequestException>(() => lost);
    }

    [Fact]
    public async Task A_frozen_connection_answers_nothing_until_it_thaws_and_a_new_one_works()
    {
        await using var apns = await Bed.StartAsync();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        apns.Simulator.FreezeConnections();
        var held = apns.SendAsync(apns.Push());
        using var other = new Client(apns.Simulator);
        Assert.Equal(200, (await other.SendAsync(apns.Push())).Status);
        Assert.False(held.IsCompleted);
        Assert.Equal(2, apns.Simulator.Recorder.Accepted);
        apns.Simulator.ThawConnections();
        Assert.Equal(200, (await held).Status);
    }

    [Fact]
    public async Task An_answer_takes_its_latency_and_a_delayed_one_longer()
    {
        await using var apns = await Bed.StartAsync(new() { Latency = new AnswerLatency(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(60)) });
        apns.Simulator.StrikeNext(Fault.Delay(TimeSpan.FromMilliseconds(200)));
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        var delayed = TimeProvider.System.GetElapsedTime(start);
        start = TimeProvider.System.GetTimestamp();
        Assert.Equal(200, (await apns.SendAsync(apns.Push())).Status);
        Assert.True(delayed.TotalMilliseconds >= 245, $"{delayed}");
        var ordinary = TimeProvider.System.GetElapsedTime(start);
        Assert.True(ordinary.TotalMilliseconds >= 45, $"{ordinary}");
    }

    [Fact]
    public void A_plan_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaultPlan(new FaultShare(0.6, Fault.Stall()), new FaultShare(0.6, Fault.Stall())));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaultPlan(new FaultShare(-0.1, Fault.Stall())));
    }

    [Fact]
    public void The_same_seed_rolls_the_same_dice()
    {
        var first = new Dice(7);
        var second = new Dice(7);
        Assert.Equal(Enumerable.Range(0, 100).Select(_ => first.Roll()).ToList(), Enumerable.Range(0, 100).Select(_ => second.Roll()).ToList());
        Assert.NotEqual(first.Roll(), new Dice(8).Roll());
    }
}

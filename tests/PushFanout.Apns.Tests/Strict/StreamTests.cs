using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Strict;

/// <summary>Streams as APNs gives and takes them: never more than it allows, and no push lost or doubled by that.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(500)] // seen in 2016
    [InlineData(1500)] // seen in 2019
    public async Task A_crowd_on_a_new_connection_waits_for_the_first_answer_and_then_keeps_the_limit(int streams)
    {
        await using var apns = await SimulatedApns.StartStrictAsync(maxStreams: streams);

        var answers = await apns.NewClient(maxStreams: 1000).SendAsync(Pushes.Tokens(2000), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((2000, 0, 1), (apns.Simulator.Stats.Answered, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task Rejections_that_cost_the_connection_its_streams_again_and_again_cost_no_push()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.Simulator.Tokens.BadTokenShare = 0.1;
        var client = apns.NewClient(maxConnections: 4);
        var tokens = Pushes.Tokens(2000);

        var answers = await client.SendAsync(tokens, Pushes.New(seed: Guid.NewGuid()));

        Assert.All(tokens.Zip(answers), pair => Assert.Equal(
            apns.Simulator.Tokens.RefusedByShare(pair.First.Span) is null ? Answer.Accepted : Answer.Suspect, pair.Second.Answer));
        Assert.Equal((2000, 0), (apns.Simulator.Stats.Answered, apns.Simulator.Stats.Duplicates));
        Assert.InRange(apns.Simulator.Stats.ConnectionsTotal, 1, 4);
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_connection_that_APNs_closes_for_its_bogus_tokens_is_replaced_and_every_token_gets_its_own_answer()
    {
        await using var apns = await SimulatedApns.StartStrictAsync(rules => rules with { MaxRejections = 100 });
        apns.Simulator.Tokens.BadTokenShare = 0.3;
        var client = apns.NewClient();
        await client.SendAsync();
        var tokens = Pushes.Tokens(500);

        var answers = await client.SendAsync(tokens, Pushes.New(seed: Guid.NewGuid()));

        Assert.All(tokens.Zip(answers), pair => Assert.Equal(
            apns.Simulator.Tokens.RefusedByShare(pair.First.Span) is null ? Answer.Accepted : Answer.Suspect, pair.Second.Answer));
        Assert.Equal(0, apns.Simulator.Stats.Duplicates);
        Assert.InRange(apns.Simulator.Stats.ConnectionsTotal, 2, 20);
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task A_burst_of_refused_streams_is_sent_again_and_nothing_is_handled_twice()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.Simulator.StrikeNext(Fault.Delay(TimeSpan.Zero), 100);
        apns.Simulator.StrikeNext(Fault.ResetStream(), 200);

        var answers = await apns.NewClient().SendAsync(Pushes.Tokens(1000), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((1000, 0), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates));
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task With_no_streams_at_all_pushes_wait_and_go_on_when_there_are_some_again()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.AfterPushes(200, Fault.LimitStreams(0));
        var client = apns.NewClient(startTimeout: 30);
        var sending = client.SendAsync(Pushes.Tokens(1000), Pushes.New(seed: Guid.NewGuid()));
        await PushFanout.Testing.Eventually.TrueAsync(
            () => apns.Simulator.Stats.Faults.ContainsKey(FaultKind.LimitStreams) && apns.Simulator.Stats.RequestsInFlight == 0, TimeSpan.FromSeconds(60), "no stream is left");

        apns.Simulator.LimitStreams(null);

        Assert.All(await sending, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((1000, 0), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates));
        apns.ExpectGoodManners();
    }

    [Fact]
    public async Task Bodies_larger_than_their_window_arrive_whole()
    {
        await using var apns = await SimulatedApns.StartStrictAsync(rules => rules with { StreamWindowBytes = 1000 });

        var answers = await apns.NewClient().SendAsync(Pushes.Tokens(200), Pushes.New(payloadBytes: 4096));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        apns.ExpectGoodManners();
    }
}

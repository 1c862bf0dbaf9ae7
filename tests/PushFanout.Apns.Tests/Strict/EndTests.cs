using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Strict;

/// <summary>The ways in which APNs ends connections and answers, said aloud or not.</summary>
public sealed class EndTests
{
    [Theory]
    [InlineData("""{"reason":"Shutdown"}""", false)]
    [InlineData("a few words", false)]
    [InlineData("", false)]
    [InlineData("""{"reason":"IdleTimeout"}""", true)]
    public async Task After_a_GOAWAY_what_it_left_unhandled_goes_out_once_more_and_nothing_twice(string debug, bool twice)
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20));
        var client = apns.NewClient(maxStreams: 50);
        apns.AfterPushes(200, Fault.GoAway(new GoAwayFrame { Debug = debug, Twice = twice, Unhandled = 5 }));

        var answers = await client.SendAsync(Pushes.Tokens(600), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((600, 0, 2), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
        apns.ExpectGoodManners();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_GOAWAY_that_refuses_the_credential_is_the_answer_to_what_it_left_unhandled(bool twice)
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20));
        var client = apns.NewClient(maxStreams: 50);
        apns.AfterPushes(200, Fault.GoAway(GoAwayFrame.Because("BadCertificateEnvironment") with { Twice = twice, Unhandled = 5 }));

        var answers = await client.SendAsync(Pushes.Tokens(600), Pushes.New(seed: Guid.NewGuid()));

        var refused = answers.Count(answer => (answer.Answer, answer.Reason) == (Answer.CredentialRefused, ApnsReason.BadCertificateEnvironment));
        Assert.InRange(refused, 5, 50);
        Assert.Equal(600 - refused, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal((600 - refused, 0, 2), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.CredentialRefused]);
    }

    [Fact]
    public async Task A_connection_closed_for_too_many_streams_leaves_each_push_with_one_answer()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50));
        var client = apns.NewClient(maxStreams: 50);
        apns.AfterPushes(200, Fault.GoAway(GoAwayFrame.TooManyStreams));

        var answers = await client.SendAsync(Pushes.Tokens(600), Pushes.New(seed: Guid.NewGuid()));

        var unknown = answers.Count(answer => (answer.Answer, answer.Reason) == (Answer.Ambiguous, ApnsReason.ConnectionLost));
        Assert.InRange(unknown, 1, 50);
        Assert.Equal(600 - unknown, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(0, apns.Simulator.Stats.Duplicates);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_in_its_body_is_no_verdict_and_the_connection_goes_on()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.StrikeNext(Fault.ResetAnswer(new PushReply(410, "Unregistered")));

        var broken = await client.SendAsync();

        Assert.Equal((Answer.Transient, ApnsReason.UnreadableAnswer, 410), (broken.Answer, broken.Reason, broken.Status));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(1, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_connection_that_ends_within_an_answer_takes_its_word_along_but_not_its_status()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.StrikeNext(Fault.CutAnswer(new PushReply(410, "Unregistered")));

        var broken = await client.SendAsync();

        Assert.Equal((Answer.Transient, ApnsReason.UnreadableAnswer, 410), (broken.Answer, broken.Reason, broken.Status));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task An_accepted_push_whose_stream_is_reset_is_ambiguous_and_not_sent_again()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.StrikeNext(Fault.ResetStream(errorCode: 5, acceptFirst: true)); // STREAM_CLOSED, as seen with APNs

        var broken = await client.SendAsync();

        Assert.Equal((Answer.Ambiguous, ApnsReason.ConnectionLost), (broken.Answer, broken.Reason));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal((3, 1), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.ConnectionsTotal));
    }

    [Fact]
    public async Task A_connection_that_died_in_silence_costs_what_was_written_and_no_more()
    {
        await using var apns = await SimulatedApns.StartStrictAsync();
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = apns.NewClient(answerTimeout: 1.5, startTimeout: 60, clock: clock);
        await client.SendAsync();
        apns.Simulator.FreezeConnections();
        var written = client.SendAsync();

        await Eventually.TrueAsync(
            () =>
            {
                clock.Pass(TimeSpan.FromMilliseconds(100)); // nobody sees when it is written
                return written.IsCompleted;
            },
            Eventually.Patience, "an answer");

        Assert.Equal(Answer.Ambiguous, (await written).Answer);
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_server_that_ends_every_connection_at_once_is_not_attacked()
    {
        await using var apns = await SimulatedApns.StartStrictAsync(rules => rules with { MaxConnectionsPerMinute = 1 });
        await apns.NewClient().SendAsync();
        var client = apns.NewClient(maxConnections: 8, startTimeout: 1.5);

        var answers = await client.SendAsync(Pushes.Tokens(200));

        Assert.DoesNotContain(answers, answer => answer.Answer == Answer.Accepted);
        // On a busy machine the pushes may have come back before the first attempt has got so far.
        await Eventually.TrueAsync(() => apns.Simulator.Findings.ContainsKey(Finding.TooManyConnections), Eventually.Patience, "a connection that was ended");
        Assert.InRange(apns.Simulator.Findings[Finding.TooManyConnections], 1, 4);
    }
}

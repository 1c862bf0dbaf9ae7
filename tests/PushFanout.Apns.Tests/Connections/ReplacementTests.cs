using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Connections;

/// <summary>Connections end; no push is lost or doubled by that unless its fate cannot be known, and then its answer says so.</summary>
public sealed class ReplacementTests
{
    [Fact]
    public async Task Pushes_above_GOAWAYs_last_stream_go_out_again_and_those_below_keep_their_answers()
    {
        var gone = false;
        await using var server = new RawApns(async (connection, id) =>
        {
            if (gone || connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else if (connection.Pushes == 20)
            {
                gone = true;
                var waiting = connection.Waiting;
                var last = waiting[waiting.Count / 2];
                await connection.GoAwayAsync(last, debug: """{"reason":"Shutdown"}""");
                foreach (var open in waiting.Where(open => open <= last))
                {
                    await connection.AnswerAsync(open);
                }
            }
        });
        var client = server.NewClient();
        await client.SendAsync();

        var answers = await client.SendAsync(Pushes.Tokens(19));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal(2, server.Connections.Count);
    }

    [Fact]
    public async Task Pushes_above_the_last_stream_of_a_GOAWAY_that_calls_the_token_expired_go_out_again_as_if_each_had_been_told()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else if (connection.Pushes == 2)
            {
                await connection.GoAwayAsync(lastStream: 1, debug: """{"reason":"ExpiredProviderToken"}""");
            }
        });
        var client = server.NewClient();
        await client.SendAsync();

        var answer = await client.SendAsync();

        Assert.Equal(Answer.Accepted, answer.Answer);
        Assert.Equal(2, server.Connections.Count);
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.CredentialRefused]);
    }

    [Fact]
    public async Task A_graceful_end_in_the_middle_of_a_list_costs_no_push_and_doubles_none()
    {
        await using var apns = await SimulatedApns.StartAsync();
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20));
        var client = apns.NewClient(maxStreams: 50);
        apns.AfterPushes(500, Fault.GoAway());
        apns.AfterPushes(1000, Fault.GoAway());

        var answers = await client.SendAsync(Pushes.Tokens(3000), Pushes.New(seed: Guid.NewGuid()));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((3000, 0, 3), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates, apns.Simulator.Stats.ConnectionsTotal));
        Assert.Equal(2, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.GoAway]);
    }

    [Fact]
    public async Task A_connection_that_breaks_leaves_each_push_with_one_answer_and_none_is_sent_twice()
    {
        await using var apns = await SimulatedApns.StartAsync();
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(50));
        var client = apns.NewClient(maxStreams: 50);
        apns.AfterPushes(300, Fault.LoseAnswer());

        var answers = await client.SendAsync(Pushes.Tokens(1000), Pushes.New(seed: Guid.NewGuid()));

        var unknown = answers.Count(answer => (answer.Answer, answer.Reason) == (Answer.Ambiguous, ApnsReason.ConnectionLost));
        Assert.InRange(unknown, 1, 50);
        Assert.Equal(1000 - unknown, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(0, apns.Simulator.Stats.Duplicates);
    }

    [Fact]
    public async Task A_GOAWAY_with_the_code_of_a_refused_stream_proves_nothing_about_streams_below_its_last()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else if (connection.Pushes == 11)
            {
                await connection.GoAwayAsync(int.MaxValue, RawConnection.RefusedStream, "Maximum active streams violated for this endpoint.");
                await connection.CloseAsync();
            }
        });
        var client = server.NewClient();
        await client.SendAsync();

        var answers = await client.SendAsync(Pushes.Tokens(10));

        Assert.All(answers, answer => Assert.Equal((Answer.Ambiguous, ApnsReason.ConnectionLost), (answer.Answer, answer.Reason)));
    }

    [Fact]
    public async Task A_stream_that_breaks_is_ambiguous_and_the_connection_goes_on()
    {
        await using var server = new RawApns((connection, id) =>
            connection.Pushes == 2 ? connection.ResetAsync(id, RawConnection.InternalError) : connection.AnswerAsync(id));
        var client = server.NewClient();
        await client.SendAsync();

        var broken = await client.SendAsync();
        var next = await client.SendAsync();

        Assert.Equal((Answer.Ambiguous, ApnsReason.ConnectionLost), (broken.Answer, broken.Reason));
        Assert.Equal(Answer.Accepted, next.Answer);
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_comes_back_is_replaced()
    {
        await using var server = new RawApns((connection, id) =>
            connection.Pushes == 1 ? connection.AnswerAsync(id) : Task.CompletedTask);
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = server.NewClient(answerTimeout: 1.5, clock: clock);
        await client.SendAsync();
        var sending = client.SendAsync();
        await Eventually.TrueAsync(() => server.Connections.Single().Pushes == 2, Eventually.Patience, "the push with the server");

        clock.Pass(TimeSpan.FromSeconds(1.5));
        var lost = await sending.WaitAsync(Eventually.Patience);
        var next = await client.SendAsync();

        Assert.Equal((Answer.Ambiguous, ApnsReason.AnswerTimeout), (lost.Answer, lost.Reason));
        Assert.Equal(Answer.Accepted, next.Answer);
        Assert.Equal(2, server.Connections.Count);
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.Stalled]);
    }

    [Fact]
    public async Task A_connection_that_takes_no_more_bodies_is_replaced_though_it_answers_PINGs()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { WidensConnection = false });
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = server.NewClient(startTimeout: 2, clock: clock);
        var filling = await client.SendAsync(Pushes.Tokens(15), Pushes.New(payloadBytes: 65_535 / 15)); // to the last byte

        var sending = client.SendAsync();
        await Eventually.TrueAsync(() => client.Statistics.PushesInFlight == 1, Eventually.Patience, "the push has a stream");
        clock.Pass(TimeSpan.FromSeconds(2));
        var stuck = await sending.WaitAsync(Eventually.Patience);
        var next = await client.SendAsync();

        Assert.All(filling, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((Answer.Unprocessed, ApnsReason.NotHandled), (stuck.Answer, stuck.Reason));
        Assert.Equal(Answer.Accepted, next.Answer);
        Assert.Equal(2, server.Connections.Count);
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.Stalled]);
    }

    [Theory]
    [InlineData(503, "Shutdown")]
    [InlineData(400, "IdleTimeout")]
    public async Task A_server_that_stops_gets_no_more_pushes_on_that_connection(int status, string word)
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.AnswerNext(status, word);

        var stopping = await client.SendAsync();
        var next = await client.SendAsync();

        Assert.Equal((Answer.Transient, word), (stopping.Answer, stopping.ReasonText));
        Assert.Equal(Answer.Accepted, next.Answer);
        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.ServerStopping]);
    }

    [Theory]
    [InlineData("ExpiredProviderToken")]
    [InlineData("UnrelatedKeyIdInToken")]
    public async Task A_push_that_a_connections_past_made_fail_is_sent_again_on_another(string word)
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.AnswerNext(403, word);

        var answer = await client.SendAsync();

        Assert.Equal(Answer.Accepted, answer.Answer);
        Assert.Equal((2, 2), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.ConnectionsTotal));
        Assert.Equal(1, client.Statistics.ConnectionsClosed[ApnsConnectionEnd.CredentialRefused]);
    }

    [Fact]
    public async Task An_idle_connection_that_the_server_closed_costs_the_next_push_nothing_but_time()
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.SendGoAway();
        await Eventually.TrueAsync(() => apns.Simulator.Stats.ConnectionsOpen == 0, Eventually.Patience, "both ends are closed");

        var answer = await client.SendAsync();

        Assert.Equal(Answer.Accepted, answer.Answer);
        Assert.Equal((2, 0), (apns.Simulator.Stats.Accepted, apns.Simulator.Stats.Duplicates));
    }

    [Fact]
    public async Task An_idle_connection_that_broke_is_replaced()
    {
        await using var apns = await SimulatedApns.StartAsync();
        var client = apns.NewClient();
        await client.SendAsync();
        apns.Simulator.DropConnections();

        // A push may be written before the end of the connection has arrived here: then nobody knows, and it says so.
        await Eventually.TrueAsync(
            async () => (await client.SendAsync()).Answer == Answer.Accepted, Eventually.Patience, "a push over a new connection");

        Assert.Equal(2, apns.Simulator.Stats.ConnectionsTotal);
    }
}

using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Connections;

public sealed class StreamLimitTests
{
    [Fact]
    public async Task A_server_that_allows_one_stream_until_it_knows_us_and_then_a_hundred_never_sees_more()
    {
        await using var server = new RawApns(
            async (connection, id) =>
            {
                if (connection.Pushes == 1)
                {
                    await connection.AnswerAsync(id);
                    await connection.LimitStreamsAsync(100);
                }
                else if (connection.Waiting.Count >= 50 || connection.Pushes > 2900)
                {
                    foreach (var waiting in connection.Waiting)
                    {
                        await connection.AnswerAsync(waiting);
                    }
                }
            },
            streamLimit: 1);

        var answers = await server.NewClient().SendAsync(Pushes.Tokens(3000));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        var connection = Assert.Single(server.Connections);
        Assert.Equal((3000, 0), (connection.Pushes, connection.Violations));
        Assert.InRange(connection.MostOpen, 50, 100);
    }

    [Fact]
    public async Task A_server_that_goes_down_to_one_stream_makes_pushes_slower_and_none_fail()
    {
        var held = 0;
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes is 300)
            {
                await connection.LimitStreamsAsync(1);
            }
            if (connection.Pushes is 600)
            {
                await connection.LimitStreamsAsync(100);
            }
            Interlocked.Increment(ref held);
            await connection.AnswerAsync(id);
        });

        var answers = await server.NewClient().SendAsync(Pushes.Tokens(2000));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        var connection = Assert.Single(server.Connections);
        Assert.Equal((2000, 0), (connection.Pushes, connection.Violations));
    }

    [Fact]
    public async Task A_new_connection_carries_one_push_until_that_one_is_answered()
    {
        var first = new TaskCompletionSource<(RawConnection, int)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns(async (connection, id) =>
        {
            if (!first.TrySetResult((connection, id)))
            {
                await connection.AnswerAsync(id);
            }
        });
        var client = server.NewClient();
        var sending = client.SendAsync(Pushes.Tokens(100));
        var (connection, id) = await first.Task;

        Assert.Equal((1, 1), (client.Statistics.PushesInFlight, client.Statistics.StreamLimit));
        await connection.AnswerAsync(id);
        var answers = await sending;

        Assert.Equal(100, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(100, client.Statistics.StreamLimit); // what the server allows
    }

    [Fact]
    public async Task Refused_streams_are_sent_again_and_every_push_is_handled_once()
    {
        var handled = 0;
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes % 5 == 0)
            {
                await connection.ResetAsync(id, RawConnection.RefusedStream);
                return;
            }
            Interlocked.Increment(ref handled);
            await connection.AnswerAsync(id);
        });

        var answers = await server.NewClient().SendAsync(Pushes.Tokens(1000));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal(1000, handled);
    }

    [Fact]
    public async Task A_burst_of_refused_streams_halves_what_the_connection_may_do_once()
    {
        const int Burst = 90; // of a hundred streams ten are the reserve
        ApnsClient? client = null;
        var limitAfter = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes is 1 or > 1 + Burst)
            {
                if (connection.Pushes > 1)
                {
                    limitAfter.TrySetResult(client!.Statistics.StreamLimit);
                }
                await connection.AnswerAsync(id);
            }
            else if (connection.Pushes == 1 + Burst)
            {
                foreach (var waiting in connection.Waiting)
                {
                    await connection.ResetAsync(waiting, RawConnection.RefusedStream);
                }
            }
        });
        client = server.NewClient();
        await client.SendAsync();

        var answers = await client.SendAsync(Pushes.Tokens(Burst));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.InRange(await limitAfter.Task, Burst / 2, (Burst / 2) + 1);
    }

    [Fact]
    public async Task A_server_that_refuses_every_stream_gets_its_pushes_back_and_is_not_hammered()
    {
        var tries = 0;
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
                return;
            }
            Interlocked.Increment(ref tries);
            await connection.ResetAsync(id, RawConnection.RefusedStream);
        });
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = server.NewClient(startTimeout: 2, clock: clock);
        await client.SendAsync();
        var sending = client.SendAsync(Pushes.Tokens(20));
        await Eventually.TrueAsync(() => tries >= 20, Eventually.Patience, "each push with the server");

        await Eventually.TrueAsync(
            () =>
            {
                // Not while the server has some: time would pass for them as well.
                clock.Pass(client.Statistics.PushesInFlight == 0 ? TimeSpan.FromMilliseconds(50) : TimeSpan.Zero);
                return sending.IsCompleted;
            },
            Eventually.Patience, "all pushes back");

        Assert.All(await sending, answer => Assert.Equal((Answer.Unprocessed, ApnsReason.NotHandled), (answer.Answer, answer.Reason)));
        Assert.InRange(tries, 20, 400);
    }

    [Fact]
    public async Task When_streams_are_short_more_connections_open_by_themselves()
    {
        await using var apns = await SimulatedApns.StartAsync();
        apns.Simulator.Latency = ApnsSimulator.AnswerLatency.Fixed(TimeSpan.FromMilliseconds(100));
        var client = apns.NewClient(maxConnections: 3, maxStreams: 10);
        using var enough = new CancellationTokenSource();
        const int Endless = 100_000; // for minutes at that latency
        var sending = client.SendAsync(Pushes.Alert, Pushes.Tokens(Endless), new CollectedAnswers(Endless), default, enough.Token);

        // None opens while this process, which has other tests to do, uses all of the processor.
        await Eventually.TrueAsync(() => client.Statistics.ConnectionsOpen == 3, TimeSpan.FromSeconds(120), "three connections");
        await enough.CancelAsync();
        await sending.WaitAsync(Eventually.Patience);

        Assert.Equal(3, apns.Simulator.Stats.ConnectionsTotal);
        Assert.All(apns.Events, happened => Assert.Equal(ApnsConnectionEventKind.Opened, happened.Kind));
    }

    [Fact]
    public async Task Connections_that_nobody_needs_any_more_are_let_go_but_for_one()
    {
        var held = new System.Collections.Concurrent.ConcurrentQueue<(RawConnection Connection, int Id)>();
        await using var server = new RawApns(
            async (connection, id) =>
            {
                if (connection.Pushes > 1 && held.Count < 10)
                {
                    held.Enqueue((connection, id));
                    return;
                }
                await connection.AnswerAsync(id);
            },
            streamLimit: 5);
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = server.NewClient(maxConnections: 3, answerTimeout: 60, startTimeout: 60, clock: clock);
        var sending = client.SendAsync(Pushes.Tokens(50));
        await Eventually.TrueAsync(
            () =>
            {
                clock.Pass(TimeSpan.FromMilliseconds(5)); // streams have to be short for a moment
                return held.Count == 10;
            },
            Eventually.Patience, "two connections with all their streams in use");
        foreach (var (connection, id) in held)
        {
            await connection.AnswerAsync(id);
        }
        Assert.All(await sending, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.InRange(client.Statistics.ConnectionsOpen, 2, 3);

        clock.Pass(TimeSpan.FromMinutes(11));

        await Eventually.TrueAsync(() => client.Statistics.ConnectionsOpen == 1, Eventually.Patience, "one connection");
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(1, client.Statistics.ConnectionsOpen);
        Assert.All(server.Events.Where(happened => happened.Kind == ApnsConnectionEventKind.Closed), happened => Assert.Equal(ApnsConnectionEnd.Idle, happened.End));
    }

    [Fact]
    public async Task An_urgent_push_finds_a_stream_while_a_long_list_waits_for_one()
    {
        var held = new System.Collections.Concurrent.ConcurrentQueue<(RawConnection, int)>();
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes is 1 or 11)
            {
                await connection.AnswerAsync(id); // the first warms up, the eleventh is the urgent one
                return;
            }
            held.Enqueue((connection, id));
        });
        var client = server.NewClient(maxStreams: 10);
        await client.SendAsync();
        var list = client.SendAsync(Pushes.Tokens(50));
        await Eventually.TrueAsync(() => held.Count == 9, Eventually.Patience, "all streams but the reserve taken");

        var urgent = await client.SendAsync(Pushes.Alert, Pushes.Token(), new ApnsSendOptions(Urgent: true), CancellationToken.None);

        Assert.Equal(Answer.Accepted, urgent.Answer);
        Assert.False(list.IsCompleted);
        while (!list.IsCompleted)
        {
            while (held.TryDequeue(out var waiting))
            {
                await waiting.Item1.AnswerAsync(waiting.Item2);
            }
            await Task.Yield();
        }
    }
}

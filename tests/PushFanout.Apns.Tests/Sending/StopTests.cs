using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Sending;

public sealed class StopTests : IAsyncLifetime
{
    private SimulatedApns apns = null!;

    public async Task InitializeAsync() => apns = await SimulatedApns.StartAsync();

    public Task DisposeAsync() => apns.DisposeAsync().AsTask();

    [Fact]
    public async Task After_a_stop_what_was_written_gets_its_answer_and_the_rest_comes_back_unprocessed()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(100));
        using var stopping = new CancellationTokenSource();
        var client = apns.NewClient(maxStreams: 50);
        var sending = client.SendAsync(Pushes.Tokens(5000), Pushes.New(seed: Guid.NewGuid()), stopping.Token);
        await Eventually.TrueAsync(() => apns.Simulator.Stats.Accepted > 100, Eventually.Patience, "some pushes");
        await stopping.CancelAsync();

        var answers = await sending;

        var accepted = answers.Count(answer => answer.Answer == Answer.Accepted);
        Assert.Equal(apns.Simulator.Stats.Accepted, accepted);
        Assert.InRange(accepted, 100, 4999);
        Assert.Equal(5000 - accepted, answers.Count(answer => (answer.Answer, answer.Reason) == (Answer.Unprocessed, ApnsReason.Stopped)));
    }

    [Fact]
    public async Task A_push_that_was_stopped_before_it_began_opens_no_connection()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        var client = apns.NewClient();

        var one = await client.SendAsync(Pushes.Alert, Pushes.Token(), default, stopping.Token);
        var many = await client.SendAsync(Pushes.Tokens(3), stopping: stopping.Token);

        Assert.All([one, .. many], answer => Assert.Equal((Answer.Unprocessed, ApnsReason.Stopped), (answer.Answer, answer.Reason)));
        Assert.Equal(0, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_single_push_that_waits_for_a_stream_can_be_stopped_and_a_written_one_cannot()
    {
        var held = new TaskCompletionSource<(RawConnection Connection, int Id)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns((connection, id) =>
        {
            held.SetResult((connection, id));
            return Task.CompletedTask;
        });
        using var stopping = new CancellationTokenSource();
        var client = server.NewClient(maxStreams: 1, answerTimeout: 60, startTimeout: 60);
        var written = client.SendAsync(Pushes.Alert, Pushes.Token(), default, stopping.Token).AsTask();
        var (connection, id) = await held.Task.WaitAsync(Eventually.Patience);
        var waiting = client.SendAsync(Pushes.Alert, Pushes.Token(), default, stopping.Token).AsTask();

        await stopping.CancelAsync();

        Assert.Equal(ApnsReason.Stopped, (await waiting.WaitAsync(Eventually.Patience)).Reason);
        Assert.False(written.IsCompleted);
        await connection.AnswerAsync(id);
        Assert.Equal(Answer.Accepted, (await written.WaitAsync(Eventually.Patience)).Answer);
    }

    [Fact]
    public async Task Stopping_one_list_leaves_the_others_alone()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(20));
        using var stopping = new CancellationTokenSource();
        var client = apns.NewClient(maxStreams: 20);
        var stopped = client.SendAsync(Pushes.Tokens(2000), stopping: stopping.Token);
        var goingOn = client.SendAsync(Pushes.Tokens(200));
        await Eventually.TrueAsync(() => apns.Simulator.Stats.Accepted > 50, Eventually.Patience, "some pushes");
        await stopping.CancelAsync();

        Assert.Contains(await stopped, answer => answer.Reason == ApnsReason.Stopped);
        Assert.All(await goingOn, answer => Assert.Equal(Answer.Accepted, answer.Answer));
    }

    [Fact]
    public async Task Disposing_in_the_middle_of_a_list_answers_all_of_it()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(100));
        var client = apns.NewClient(maxStreams: 50);
        var sending = client.SendAsync(Pushes.Tokens(5000));
        await Eventually.TrueAsync(() => apns.Simulator.Stats.Accepted > 100, Eventually.Patience, "some pushes");

        await client.DisposeAsync();

        Assert.True(sending.IsCompleted || await Task.WhenAny(sending, Task.Delay(Eventually.Patience)) == sending);
        var answers = await sending;
        Assert.Equal(apns.Simulator.Stats.Accepted, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.DoesNotContain(answers, answer => answer.Answer == Answer.Ambiguous);
        Assert.Equal(0, client.Statistics.ConnectionsOpen);
    }

    [Fact]
    public async Task After_disposal_every_push_comes_back()
    {
        var client = apns.NewClient();
        await client.SendAsync();
        await client.DisposeAsync();

        var answers = await client.SendAsync(Pushes.Tokens(3));

        Assert.All(answers, answer => Assert.Equal((Answer.Unprocessed, ApnsReason.Stopped), (answer.Answer, answer.Reason)));
    }

    [Fact]
    public async Task Disposing_waits_for_a_server_that_is_silent_no_longer_than_the_deadline_of_an_answer()
    {
        var client = apns.NewClient(answerTimeout: 0.5);
        await client.SendAsync();
        apns.Simulator.StrikeNext(Fault.Stall());
        var stalled = client.SendAsync();
        await Eventually.TrueAsync(() => apns.Simulator.Stats.Faults.ContainsKey(FaultKind.Stall), Eventually.Patience, "the push with the server");

        await client.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);

        Assert.Equal(Answer.Ambiguous, (await stalled).Answer);
    }

    [Fact]
    public async Task A_listener_that_throws_keeps_neither_a_connection_open_nor_a_second_disposal_waiting()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id));
        var client = server.NewClient(onEvent: _ => throw new InvalidOperationException("a bug of the listener's"));
        await client.SendAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.DisposeAsync().AsTask().WaitAsync(Eventually.Patience));
        await client.DisposeAsync().AsTask().WaitAsync(Eventually.Patience);

        await server.Connections.Single().Closed.WaitAsync(Eventually.Patience);
    }
}

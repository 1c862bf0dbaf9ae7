using PushFanout.Apns.Tests.Kit;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Sending;

public sealed class DeadlineTests : IAsyncLifetime
{
    private SimulatedApns apns = null!;

    public async Task InitializeAsync() => apns = await SimulatedApns.StartAsync();

    public Task DisposeAsync() => apns.DisposeAsync().AsTask();

    [Fact]
    public async Task A_push_without_an_answer_is_ambiguous_at_its_deadline_and_its_neighbours_are_not_touched()
    {
        var client = apns.NewClient(answerTimeout: 2);
        var tokens = Pushes.Tokens(500);
        apns.Simulator.Tokens.Strike(tokens[100].Span, Fault.Stall());
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(10));
        var sending = client.SendAsync(tokens);
        while (!sending.IsCompleted)
        {
            await client.SendAsync(); // something is answered all the time, so the connection is not to blame
        }

        var answers = await sending;

        Assert.Equal((Answer.Ambiguous, ApnsReason.AnswerTimeout), (answers[100].Answer, answers[100].Reason));
        Assert.InRange(answers[100].Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));
        Assert.Equal(499, answers.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(1, apns.Simulator.Stats.ConnectionsTotal);
    }

    [Fact]
    public async Task A_push_that_finds_no_stream_in_time_comes_back_unprocessed_and_was_never_sent()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromSeconds(3));
        var client = apns.NewClient(startTimeout: 0.5);

        var first = client.SendAsync(); // the warm-up push: until its answer there is no other stream
        var second = await client.SendAsync();

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotHandled), (second.Answer, second.Reason));
        Assert.Equal(TimeSpan.Zero, second.Elapsed);
        Assert.Equal(Answer.Accepted, (await first).Answer);
        Assert.Equal(1, apns.Simulator.Stats.Accepted);
    }

    [Fact]
    public async Task A_list_that_goes_on_slowly_waits_as_long_as_it_takes()
    {
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(200));
        var client = apns.NewClient(maxStreams: 2, startTimeout: 1.5, urgentReserve: 0);

        var answers = await client.SendAsync(Pushes.Tokens(30)); // 15 rounds: twice the start timeout

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
    }

    [Fact]
    public async Task An_error_whose_body_never_comes_is_no_verdict()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else
            {
                await connection.StartAnswerAsync(id, 400);
            }
        });
        var client = server.NewClient(answerTimeout: 1.5);
        await client.SendAsync();

        var answer = await client.SendAsync();

        Assert.Equal((Answer.Transient, ApnsReason.UnreadableAnswer, 400), (answer.Answer, answer.Reason, answer.Status));
    }
}

using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Sending;

/// <summary>Time passes only as the tests say: a machine that stands still makes nothing late.</summary>
public sealed class DeadlineTests
{
    private readonly FakeClock clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_push_without_an_answer_is_ambiguous_at_its_deadline_and_its_neighbours_are_not_touched()
    {
        const int Silent = 3 + (2 * 100); // the stream of the token at 100, after that of the warm-up push
        await using var server = new RawApns((connection, id) => id == Silent ? Task.CompletedTask : connection.AnswerAsync(id));
        var client = server.NewClient(answerTimeout: 2, clock: clock);
        await client.SendAsync();
        var answers = new CollectedAnswers(500);
        var sending = client.SendAsync(Pushes.Alert, Pushes.Tokens(500), answers, default, CancellationToken.None);
        await Eventually.TrueAsync(() => answers.Received == 499, Eventually.Patience, "all answers but one");

        clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer); // so the connection is not to blame
        Assert.False(sending.IsCompleted);
        clock.Pass(TimeSpan.FromSeconds(1));

        await sending.WaitAsync(Eventually.Patience);
        var all = answers.All();
        Assert.Equal((Answer.Ambiguous, ApnsReason.AnswerTimeout, TimeSpan.FromSeconds(2)), (all[100].Answer, all[100].Reason, all[100].Elapsed));
        Assert.Equal(499, all.Count(answer => answer.Answer == Answer.Accepted));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task A_push_that_finds_no_stream_in_time_comes_back_unprocessed_and_was_never_sent()
    {
        await using var server = new RawApns((connection, id) => connection.Pushes == 1 ? Task.CompletedTask : connection.AnswerAsync(id));
        var client = server.NewClient(startTimeout: 0.5, clock: clock);
        var first = client.SendAsync(); // the warm-up push: until its answer there is no other stream
        await Eventually.TrueAsync(() => server.Connections.SingleOrDefault()?.Pushes == 1, Eventually.Patience, "the first push with the server");
        var connection = server.Connections.Single();
        var waiting = client.SendAsync();

        clock.Pass(TimeSpan.FromSeconds(0.5));
        var second = await waiting.WaitAsync(Eventually.Patience);

        Assert.Equal((Answer.Unprocessed, ApnsReason.NotHandled), (second.Answer, second.Reason));
        Assert.Equal(TimeSpan.Zero, second.Elapsed);
        await connection.AnswerAsync(1);
        Assert.Equal(Answer.Accepted, (await first).Answer);
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal(2, connection.Pushes);
    }

    [Fact]
    public async Task A_list_that_goes_on_slowly_waits_as_long_as_it_takes()
    {
        await using var server = new RawApns((_, _) => Task.CompletedTask, streamLimit: 2);
        var client = server.NewClient(startTimeout: 1.5, clock: clock);
        var sending = client.SendAsync(Pushes.Tokens(7));
        await Eventually.TrueAsync(() => !server.Connections.IsEmpty, Eventually.Patience, "a connection");
        var connection = server.Connections.Single();

        for (var sent = 1; sent <= 7; sent += 2) // the warm-up push, and then two at a time
        {
            await Eventually.TrueAsync(() => connection.Pushes == sent, Eventually.Patience, "the next pushes with the server");
            clock.Pass(TimeSpan.FromSeconds(1)); // four rounds: more than twice the start timeout
            foreach (var waiting in connection.Waiting)
            {
                await connection.AnswerAsync(waiting);
            }
        }

        Assert.All(await sending, answer => Assert.Equal(Answer.Accepted, answer.Answer));
    }

    [Fact]
    public async Task An_error_whose_body_never_comes_is_no_verdict()
    {
        var begun = new TaskCompletionSource<RawConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else
            {
                await connection.StartAnswerAsync(id, 400);
                begun.SetResult(connection);
            }
        });
        var client = server.NewClient(answerTimeout: 1.5, clock: clock);
        await client.SendAsync();
        var sending = client.SendAsync();
        var connection = await begun.Task.WaitAsync(Eventually.Patience);
        await connection.HeardAsync();

        clock.Pass(TimeSpan.FromSeconds(1.5));

        var answer = await sending.WaitAsync(Eventually.Patience);
        Assert.Equal((Answer.Transient, ApnsReason.UnreadableAnswer, 400), (answer.Answer, answer.Reason, answer.Status));
    }
}

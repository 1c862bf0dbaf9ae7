using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Transport;

/// <summary>Connections that are open and dead. Time passes only as the tests say; what looks after it looks once a second.</summary>
public sealed class WatchTests
{
    private readonly FakeClock clock = new(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_answers_neither_pushes_nor_PINGs_is_left_also_at_its_stream_limit_and_after_GOAWAY(bool goAway)
    {
        await using var server = new RawApns(
            async (connection, id) =>
            {
                if (connection.Pushes == 1)
                {
                    await connection.AnswerAsync(id);
                }
                else if (goAway)
                {
                    await connection.GoAwayAsync(int.MaxValue);
                }
            },
            streamLimit: 1,
            new RawManners { AnswersPings = false });
        var client = server.NewClient(answerTimeout: 60, clock: clock);
        await client.SendAsync();
        var connection = server.Connections.Single();
        var silent = client.SendAsync();
        await Eventually.TrueAsync(() => connection.Pushes == 2, Eventually.Patience, "the push with the server");
        if (goAway)
        {
            await Eventually.TrueAsync(() => server.Events.Any(happened => happened.Kind == ApnsConnectionEventKind.Closed), Eventually.Patience, "the GOAWAY heard");
        }
        await connection.HeardAsync();

        clock.Pass(TimeSpan.FromSeconds(3.5));
        await Eventually.TrueAsync(() => connection.Pings > 0, Eventually.Patience, "a PING");
        Assert.False(silent.IsCompleted);
        clock.Pass(TimeSpan.FromSeconds(4.5));

        var answer = await silent.WaitAsync(Eventually.Patience);
        Assert.Equal((Answer.Ambiguous, ApnsReason.ConnectionLost), (answer.Answer, answer.Reason));
        await connection.Closed.WaitAsync(Eventually.Patience);
    }

    [Fact]
    public async Task A_server_that_answers_PINGs_keeps_its_connection()
    {
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 1)
            {
                await connection.AnswerAsync(id);
            }
            else
            {
                held.SetResult(id);
            }
        });
        var client = server.NewClient(answerTimeout: 60, clock: clock);
        await client.SendAsync();
        var slow = client.SendAsync();
        var id = await held.Task.WaitAsync(Eventually.Patience);
        var connection = server.Connections.Single();
        for (var pings = 1; pings <= 2; pings++)
        {
            await connection.HeardAsync();
            clock.Pass(TimeSpan.FromSeconds(3.5));
            await Eventually.TrueAsync(() => connection.Pings >= pings, Eventually.Patience, "a PING");
        }

        await connection.AnswerAsync(id);

        Assert.Equal(Answer.Accepted, (await slow.WaitAsync(Eventually.Patience)).Answer);
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task A_server_that_never_acknowledges_our_SETTINGS_is_told_so()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { AcknowledgesSettings = false });
        var client = server.NewClient(clock: clock);
        await client.SendAsync();

        clock.Pass(TimeSpan.FromSeconds(10.5));

        var connection = server.Connections.Single();
        await connection.Closed.WaitAsync(Eventually.Patience);
        Assert.Equal(4, connection.LastWord);
    }
}

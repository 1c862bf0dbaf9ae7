using PushFanout.Apns.Tests.Kit;
using PushFanout.Testing;

namespace PushFanout.Apns.Tests.Transport;

/// <summary>What HTTP/2 lets a server do and few do, and what breaks one stream and not the connection.</summary>
public sealed class OddPeerTests
{
    private const byte Data = 0, Headers = 1, Priority = 2, Continuation = 9;
    private const int EndStream = 1, EndHeaders = 4, Padded = 8, Both = EndStream | EndHeaders;
    [Fact]
    public async Task Interim_answers_trailers_padding_and_frames_of_other_kinds_disturb_nothing()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            await connection.SendAsync(Priority, 0, id, 0, 0, 0, 0, 16);
            await connection.SendAsync(200, 0xff, id, 1, 2, 3);
            await connection.SendAsync(Headers, EndHeaders, id, [0x08, 3, .. "103"u8]);
            switch (connection.Pushes % 5)
            {
                case 0: // a size update in front, and the priority of old
                    await connection.SendAsync(Headers, Both | 0x20, id, 0, 0, 0, 0, 16, 0x20, 0x88);
                    break;
                case 1: // in pieces
                    await connection.SendAsync(Headers, EndStream, id);
                    await connection.SendAsync(Continuation, 0, id, 0x08, 3, (byte)'2');
                    await connection.SendAsync(Continuation, EndHeaders, id, (byte)'0', (byte)'0');
                    break;
                case 2: // a body that nobody needs, and trailers
                    await connection.SendAsync(Headers, EndHeaders | Padded, id, 2, 0x88, 0, 0);
                    await connection.SendAsync(Data, Padded, id, [3, .. "ignored"u8, 0, 0, 0]);
                    await connection.SendAsync(Headers, Both, id, [0, 1, (byte)'x', 1, (byte)'y']);
                    break;
                default:
                    await connection.AnswerAsync(id);
                    break;
            }
        });

        var answers = await server.NewClient().SendAsync(Pushes.Tokens(50));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Single(server.Connections);
    }

    [Theory]
    [InlineData("no status", new byte[] { 0x00, 1, (byte)'x', 1, (byte)'y' })]
    [InlineData("two", new byte[] { 0x88, 0x88 })]
    [InlineData("late", new byte[] { 0x00, 1, (byte)'x', 1, (byte)'y', 0x88 })]
    [InlineData("words", new byte[] { 0x08, 2, (byte)'o', (byte)'k' })]
    [InlineData("a request", new byte[] { 0x82, 0x84 })]
    [InlineData("switching protocols", new byte[] { 0x08, 3, (byte)'1', (byte)'0', (byte)'1' })]
    public async Task An_answer_that_is_no_HTTP_ends_its_stream_alone(string what, byte[] block)
    {
        await using var server = new RawApns((connection, id) =>
            connection.Pushes == 2 ? connection.SendAsync(Headers, Both, id, block) : connection.AnswerAsync(id));
        var client = server.NewClient();
        await client.SendAsync();

        var broken = await client.SendAsync();
        var next = await client.SendAsync();

        Assert.True(broken is { Answer: Answer.Ambiguous, Reason: ApnsReason.ConnectionLost }, what);
        Assert.Equal(Answer.Accepted, next.Answer);
        Assert.Equal((3, 1), Assert.Single(Assert.Single(server.Connections).Resets));
    }

    [Fact]
    public async Task An_answer_cut_off_at_any_byte_leaves_the_push_with_one_answer_and_never_an_invented_one()
    {
        byte[] whole = [0, 0, 1, Headers, EndHeaders, 0, 0, 0, 3, 0x8c, 0, 0, 26, Data, EndStream, 0, 0, 0, 3, .. """{"reason":"BadCollapseId"}"""u8];
        await Parallel.ForEachAsync(Enumerable.Range(0, whole.Length + 1), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (length, _) =>
        {
            await using var server = new RawApns(async (connection, id) =>
            {
                if (connection.Pushes == 1)
                {
                    await connection.AnswerAsync(id);
                    return;
                }
                await connection.SendAsync(whole.AsMemory(0, length));
                await connection.CloseAsync();
            });
            var client = server.NewClient();
            await client.SendAsync();

            var answer = await client.SendAsync();

            var expected = length < 10 ? (Answer.Ambiguous, ApnsReason.ConnectionLost)
                : length < whole.Length ? (Answer.Transient, ApnsReason.UnreadableAnswer)
                : (Answer.Rejected, ApnsReason.BadCollapseId);
            Assert.Equal(expected, (answer.Answer, answer.Reason));
        });
    }

    [Fact]
    public async Task An_error_without_end_is_cut_off_and_the_connection_goes_on()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes != 2)
            {
                await connection.AnswerAsync(id);
                return;
            }
            await connection.SendAsync(Headers, EndHeaders, id, 0x8c);
            await connection.SendAsync(Data, 0, id, new byte[16_000]);
        });
        var client = server.NewClient();
        await client.SendAsync();

        var answer = await client.SendAsync();

        Assert.Equal((Answer.Rejected, ApnsReason.UnreadableAnswer), (answer.Answer, answer.Reason));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal((3, 8), Assert.Single(Assert.Single(server.Connections).Resets));
    }

    [Fact]
    public async Task A_window_that_is_taken_back_in_the_middle_of_a_body_is_obeyed()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { InitialWindow = 100 });
        var client = server.NewClient();
        var sending = client.SendAsync(Pushes.New(payloadBytes: 1000), Pushes.Token(), default, CancellationToken.None).AsTask();
        await Eventually.TrueAsync(() => server.Connections.SingleOrDefault()?.BodyBytes == 100, Eventually.Patience, "as much as the window takes");
        var connection = server.Connections.Single();

        await connection.ChangeWindowAsync(20); // 80 less than nothing
        await connection.WidenAsync(1, 80); // nothing
        await connection.WidenAsync(1, 7);
        await Eventually.TrueAsync(() => connection.BodyBytes > 100, Eventually.Patience, "what the window takes");
        Assert.Equal(107, connection.BodyBytes);
        await connection.ChangeWindowAsync(1000);

        Assert.Equal(Answer.Accepted, (await sending).Answer);
        Assert.Equal(1000, connection.BodyBytes);
    }

    [Fact]
    public async Task An_answer_to_half_a_body_is_an_answer_and_the_other_half_stays_here()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { InitialWindow = 100 });
        var client = server.NewClient();
        var sending = client.SendAsync(Pushes.New(payloadBytes: 1000), Pushes.Token(), default, CancellationToken.None).AsTask();
        await Eventually.TrueAsync(() => server.Connections.SingleOrDefault()?.BodyBytes == 100, Eventually.Patience, "as much as the window takes");
        var connection = server.Connections.Single();

        await connection.AnswerAsync(1, 400, """{"reason":"BadTopic"}""");

        Assert.Equal(ApnsReason.BadTopic, (await sending).Reason);
        await connection.WidenAsync(1, 1000); // on a stream that has ended: it may have crossed the answer
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
        Assert.Equal((1, 8), Assert.Single(connection.Resets));
        Assert.Equal(100 + Pushes.Alert.Payload.Length, connection.BodyBytes);
    }

    [Fact]
    public async Task Half_a_request_that_nobody_answers_was_not_sent()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { InitialWindow = 100 });
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        var client = server.NewClient(answerTimeout: 2.1, startTimeout: 2, clock: clock); // when its time is over it is too late to try again
        var sending = client.SendAsync(Pushes.New(payloadBytes: 1000), Pushes.Token(), default, CancellationToken.None).AsTask();
        await Eventually.TrueAsync(() => server.Connections.SingleOrDefault()?.BodyBytes == 100, Eventually.Patience, "as much as the window takes");

        clock.Pass(TimeSpan.FromSeconds(2.1));

        var answer = await sending.WaitAsync(Eventually.Patience);
        Assert.Equal((Answer.Unprocessed, ApnsReason.NotHandled), (answer.Answer, answer.Reason));
        Assert.Equal(100, server.Connections.Single().BodyBytes);
    }

    [Fact]
    public async Task Half_a_request_that_the_server_breaks_off_goes_out_again()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id), manners: new RawManners { InitialWindow = 100 });
        var client = server.NewClient();
        var sending = client.SendAsync(Pushes.New(payloadBytes: 1000), Pushes.Token(), default, CancellationToken.None).AsTask();
        await Eventually.TrueAsync(() => server.Connections.SingleOrDefault()?.BodyBytes == 100, Eventually.Patience, "as much as the window takes");
        var connection = server.Connections.Single();

        await connection.ResetAsync(1, RawConnection.InternalError);
        await connection.ChangeWindowAsync(1000);

        Assert.Equal(Answer.Accepted, (await sending).Answer);
        Assert.Equal((1, 3), (connection.Pushes, connection.LastStream));
    }

    [Fact]
    public async Task A_half_closed_connection_is_over()
    {
        await using var server = new RawApns(async (connection, id) =>
        {
            if (connection.Pushes == 2)
            {
                await connection.EndWritingAsync();
                return;
            }
            await connection.AnswerAsync(id);
        });
        var client = server.NewClient();
        await client.SendAsync();

        Assert.Equal((Answer.Ambiguous, ApnsReason.ConnectionLost), await AnswerAsync(client));
        Assert.Equal(Answer.Accepted, (await client.SendAsync()).Answer);
    }

    [Fact]
    public async Task Stream_ids_come_to_their_end_and_nothing_is_lost()
    {
        await using var server = new RawApns((connection, id) => connection.AnswerAsync(id));
        var client = server.NewClient(firstStreamId: int.MaxValue - 2_000_200);

        var answers = await client.SendAsync(Pushes.Tokens(250));

        Assert.All(answers, answer => Assert.Equal(Answer.Accepted, answer.Answer));
        Assert.Equal((250, 0), (server.Connections.Sum(connection => connection.Pushes), server.Connections.Sum(connection => connection.Violations)));
        Assert.InRange(client.Statistics.ConnectionsClosed[ApnsConnectionEnd.Recycled], 1, 2);
    }

    private static async Task<(Answer, ApnsReason)> AnswerAsync(ApnsClient client)
    {
        var answer = await client.SendAsync();
        return (answer.Answer, answer.Reason);
    }
}

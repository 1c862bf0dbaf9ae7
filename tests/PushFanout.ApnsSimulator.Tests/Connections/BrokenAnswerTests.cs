namespace PushFanout.ApnsSimulator.Tests;

/// <summary>Answers that break off, and PINGs that have none.</summary>
public sealed class BrokenAnswerTests
{
    private static readonly PushReply Refusal = new(400, "BadTopic");

    [Fact]
    public async Task An_answer_may_be_reset_in_the_middle_of_its_body()
    {
        await using var apns = await Bed.StartAsync();
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.StrikeNext(Fault.ResetAnswer(Refusal, errorCode: 8));
        await connection.PushAsync(1, apns.ProviderToken);

        await connection.NextAsync(frame => frame.Is(RawFrame.Headers, 1));
        Assert.Equal("""{"reason":""", (await connection.NextAsync(frame => frame.Is(RawFrame.Data, 1))).Text());
        Assert.Equal(8, (await connection.NextAsync(frame => frame.Is(RawFrame.ResetStream, 1))).Number());

        await connection.PushAsync(3, apns.ProviderToken);
        Assert.True((await connection.AnswerAsync(3)).Accepted);
        Assert.Equal(1, apns.Simulator.Recorder.ByReason["BadTopic"]);
    }

    [Fact]
    public async Task An_answer_may_end_with_its_connection_in_the_middle_of_a_frame()
    {
        await using var apns = await Bed.StartAsync();
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.StrikeNext(Fault.CutAnswer(Refusal));
        await connection.PushAsync(1, apns.ProviderToken);

        var rest = await connection.RestAsync();

        Assert.Contains(rest, frame => frame.Is(RawFrame.Headers, 1));
        Assert.Equal("""{"reason":""", Assert.Single(rest, frame => frame.Is(RawFrame.Data, 1)).Text());
        await apns.AllConnectionsClosedAsync();
    }

    [Fact]
    public void An_answer_without_a_body_cannot_break_off_in_it() => Assert.Throws<ArgumentException>(() => Fault.CutAnswer(new PushReply(400)));

    [Theory]
    [InlineData(FloodFrame.Ping, RawFrame.Ping)]
    [InlineData(FloodFrame.Settings, RawFrame.Settings)]
    public async Task A_client_may_be_flooded(FloodFrame flood, byte type)
    {
        await using var apns = await Bed.StartAsync();
        var (connection, _) = await RawConnection.GreetAsync(apns.Simulator);
        await using var closed = connection;
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);

        apns.Simulator.Flood(flood, 1000);

        for (var i = 0; i < 1000; i++)
        {
            await connection.NextAsync(frame => frame.Is(type));
        }
    }

    [Fact]
    public async Task PINGs_may_be_left_unanswered_while_pushes_are_not()
    {
        await using var apns = await Bed.StartAsync();
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.AnswerPings(false);
        await connection.WriteAsync(RawFrame.Ping, 0, 0, "11111111"u8.ToArray());
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);

        apns.Simulator.AnswerPings(true);
        await connection.WriteAsync(RawFrame.Ping, 0, 0, "22222222"u8.ToArray());
        Assert.Equal("22222222", (await connection.NextAsync(frame => frame.Type == RawFrame.Ping)).Text());
    }
}

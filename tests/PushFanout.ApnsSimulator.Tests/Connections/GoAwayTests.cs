using PushFanout.Testing;

namespace PushFanout.ApnsSimulator.Tests;

/// <summary>The ways in which a connection is told to go away.</summary>
public sealed class GoAwayTests
{
    [Theory]
    [InlineData("""{"reason":"Shutdown"}""", 0)]
    [InlineData("some words", 2)]
    [InlineData("", 0)]
    public async Task It_has_the_reason_and_code_of_the_tests_choice_and_the_connection_ends(string debug, int code)
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);

        apns.Simulator.SendGoAway(new GoAwayFrame { Debug = debug, ErrorCode = code });

        var goAway = await connection.NextAsync(frame => frame.Is(RawFrame.GoAway));
        Assert.Equal((1, code, debug), (goAway.Number(), goAway.Number(4), goAway.Text(8)));
        Assert.DoesNotContain(await connection.RestAsync(), frame => frame.Is(RawFrame.GoAway));
    }

    [Fact]
    public async Task Streams_above_its_last_one_were_not_handled_and_those_below_are_still_answered()
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger, Patience = Eventually.Patience });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.Latency = AnswerLatency.Fixed(TimeSpan.FromMilliseconds(300));
        await connection.PushAsync(1, apns.ProviderToken, Client.Token(1));
        Assert.True(await apns.Simulator.Recorder.WaitForAcceptedAsync(1, Eventually.Patience));

        apns.Simulator.SendGoAway(new GoAwayFrame { Unhandled = 2 });
        await connection.PushAsync(3, apns.ProviderToken, Client.Token(3));
        await connection.WriteAsync(RawFrame.Ping, 0, 0, new byte[8]);
        var (answered, early) = (false, false);
        await connection.NextAsync(frame =>
        {
            answered |= frame.EndsStream(1);
            early |= frame.Is(RawFrame.GoAway);
            return frame.Type == RawFrame.Ping;
        });
        await connection.PushAsync(5, apns.ProviderToken, Client.Token(5));
        Assert.False(early, "it came before both streams that it leaves out");

        var goAway = await connection.NextAsync(frame =>
        {
            answered |= frame.EndsStream(1);
            return frame.Is(RawFrame.GoAway);
        });
        Assert.Equal(1, goAway.Number());
        var rest = await connection.RestAsync();
        Assert.True(answered || rest.Any(frame => frame.EndsStream(1)));
        Assert.DoesNotContain(rest, frame => frame.Stream is 3 or 5);
        Assert.Equal(1, apns.Simulator.Recorder.Answered);
    }

    [Fact]
    public async Task Unhandled_streams_that_do_not_come_are_not_waited_for_long()
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        await connection.PushAsync(1, apns.ProviderToken);
        await connection.AnswerAsync(1);
        apns.Simulator.SendGoAway(new GoAwayFrame { Unhandled = 2 });
        Assert.Equal(1, (await connection.NextAsync(frame => frame.Is(RawFrame.GoAway))).Number());
        await connection.RestAsync();
    }

    [Fact]
    public async Task It_may_come_twice_first_without_a_last_stream()
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.StrikeNext(Fault.GoAway(GoAwayFrame.Because("Shutdown") with { Twice = true }));
        await connection.PushAsync(1, apns.ProviderToken);
        var rest = await connection.RestAsync();
        Assert.Equal([int.MaxValue, 1], rest.Where(frame => frame.Is(RawFrame.GoAway)).Select(frame => frame.Number()));
        Assert.Contains(rest, frame => frame.EndsStream(1));
    }

    [Fact]
    public async Task A_dropped_connection_ends_once_the_frame_was_read_and_its_push_has_no_answer()
    {
        await using var apns = await Bed.StartAsync(new() { LongestLinger = RawConnection.Linger, Patience = Eventually.Patience });
        await using var connection = await RawConnection.OpenAsync(apns.Simulator);
        apns.Simulator.StrikeNext(Fault.GoAway(GoAwayFrame.TooManyStreams));
        await connection.PushAsync(1, apns.ProviderToken);
        Assert.Equal(Fault.RefusedStream, (await connection.NextAsync(frame => frame.Is(RawFrame.GoAway))).Number(4));
        var ping = await connection.NextAsync(frame => frame.Is(RawFrame.Ping));
        await connection.WriteAsync(RawFrame.Ping, RawFrame.Ack, 0, ping.Payload);
        Assert.DoesNotContain(await connection.RestAsync(), frame => frame.Stream == 1);
        Assert.Equal(1, apns.Simulator.Recorder.Accepted);
    }
}

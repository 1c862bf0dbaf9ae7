using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2;

namespace PushFanout.Apns.Tests.Transport.Http2;

public sealed class StreamStatesTests
{
    [Fact]
    public void Whoever_ends_a_stream_waits_for_the_part_of_its_body_that_is_being_written()
    {
        var states = new StreamStates(new StreamTable(mostOpen: 1, firstId: 1));
        var push = new Push();
        Assert.True(states.TryOpen([push]));
        (bool TakenOut, bool Sent) end = default;
        var ending = new Thread(() => end = (states.TryTakeOut(push.Stream!, out var sent), sent));

        states.WithBodyOf(
            stream =>
            {
                ending.Start();
                Assert.True(SpinWait.SpinUntil(() => ending.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(60)));
                stream.EndWritten = true;
            },
            push.Stream!);
        ending.Join();

        Assert.Equal((true, true), end);
    }

    [Fact]
    public void A_stream_that_has_ended_gets_no_more_of_its_body()
    {
        var states = new StreamStates(new StreamTable(mostOpen: 1, firstId: 1));
        var push = new Push();
        Assert.True(states.TryOpen([push]));

        Assert.True(states.TryTakeOut(push.Stream!, out var sent));
        states.WithBodyOf(_ => Assert.Fail("the rest of the body"), push.Stream!);

        Assert.False(sent);
        Assert.False(states.TryTakeOut(push.Stream!, out _));
    }
}

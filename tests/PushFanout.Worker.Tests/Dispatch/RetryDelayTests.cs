using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Dispatch;

public sealed class RetryDelayTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Later_attempts_may_wait_longer_and_never_longer_than_the_longest_queue()
    {
        Assert.Equal(WaitTier.OneSecond, RetryDelay.After(0, TimeSpan.Zero, Day, 1));
        Assert.Equal(WaitTier.FiveSeconds, RetryDelay.After(2, TimeSpan.Zero, Day, 1));
        Assert.Equal(WaitTier.ThirtySeconds, RetryDelay.After(4, TimeSpan.Zero, Day, 1));
        Assert.Equal(WaitTier.TenMinutes, RetryDelay.After(40, TimeSpan.Zero, Day, 1));
    }

    [Fact]
    public void Jitter_spreads_the_waits_down_to_the_shortest() =>
        Assert.Equal(WaitTier.OneSecond, RetryDelay.After(9, TimeSpan.Zero, Day, 0));

    [Fact]
    public void What_APNs_asked_for_is_never_undercut() =>
        Assert.Equal(WaitTier.ThirtySeconds, RetryDelay.After(0, TimeSpan.FromSeconds(6), Day, 0));

    [Fact]
    public void A_wait_does_not_reach_far_beyond_the_deadline() =>
        Assert.Equal(WaitTier.FiveSeconds, RetryDelay.After(9, TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(3), 1));
}

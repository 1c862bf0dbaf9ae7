using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Tests.Ledger;

namespace PushFanout.Worker.Tests.Dispatch.Rates;

public sealed class LocalRateLeasesTests
{
    private readonly ManualClock _clock = new();
    private readonly SharedRate _rate = new("shop-ios", perSecond: 1000);

    [Fact]
    public async Task Leases_follow_each_other_without_overlap()
    {
        var leases = new LocalRateLeases(_clock);
        Assert.Equal(new RateLease(200, TimeSpan.Zero), await leases.LeaseAsync(_rate, 200));
        Assert.Equal(new RateLease(50, TimeSpan.FromMilliseconds(100)), await leases.LeaseAsync(_rate, 50));
        _clock.Now += TimeSpan.FromMilliseconds(120);
        Assert.Equal(new RateLease(50, TimeSpan.FromMilliseconds(30)), await leases.LeaseAsync(_rate, 50));
    }

    [Fact]
    public async Task Of_the_time_that_nobody_booked_no_more_than_100_ms_are_saved_up()
    {
        var leases = new LocalRateLeases(_clock);
        await leases.LeaseAsync(_rate, 100);
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(TimeSpan.Zero, (await leases.LeaseAsync(_rate, 100)).Wait);
        Assert.Equal(TimeSpan.Zero, (await leases.LeaseAsync(_rate, 100)).Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(100), (await leases.LeaseAsync(_rate, 100)).Wait);
    }

    [Fact]
    public async Task Nothing_is_booked_further_ahead_than_a_second()
    {
        var leases = new LocalRateLeases(_clock);
        await leases.LeaseAsync(_rate, 1200);
        Assert.Equal(new RateLease(0, TimeSpan.FromMilliseconds(1100)), await leases.LeaseAsync(_rate, 1));
        _clock.Now += TimeSpan.FromMilliseconds(100);
        Assert.Equal(new RateLease(1, TimeSpan.FromSeconds(1)), await leases.LeaseAsync(_rate, 1));
    }
}

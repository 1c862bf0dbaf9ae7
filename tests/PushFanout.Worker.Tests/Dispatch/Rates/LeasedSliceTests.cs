using PushFanout.Worker.Dispatch;

namespace PushFanout.Worker.Tests.Dispatch.Rates;

public sealed class LeasedSliceTests
{
    private static readonly TimeSpan From = TimeSpan.FromSeconds(5);

    [Fact]
    public void Permits_ripen_over_the_time_that_was_booked_for_them()
    {
        var slice = new LeasedSlice(100, From, perSecond: 1000);

        Assert.Equal(0, slice.Take(From - Milliseconds(1), 100));
        Assert.Equal(10, slice.Take(From, 100));
        Assert.Equal(0, slice.Take(From, 100));
        Assert.Equal(25, slice.Take(From + Milliseconds(25), 100));
        Assert.Equal(65, slice.Take(From + Milliseconds(100), 100));
        Assert.True(slice.IsOver(From + Milliseconds(100)));
    }

    [Fact]
    public void What_is_not_used_soon_is_gone()
    {
        var slice = new LeasedSlice(100, From, perSecond: 1000);
        slice.Take(From, 1);

        Assert.False(slice.IsOver(From + Milliseconds(200)));
        Assert.True(slice.IsOver(From + Milliseconds(201)));
        Assert.Equal(0, slice.Take(From + Milliseconds(201), 100));
    }

    [Fact]
    public void A_handful_is_worth_waking_for()
    {
        var slice = new LeasedSlice(100, From, perSecond: 1000);
        Assert.Equal(From, slice.NextRipe());
        slice.Take(From, 10);
        Assert.Equal(From + Milliseconds(10), slice.NextRipe());
        Assert.Equal(10, slice.Take(slice.NextRipe(), 100));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again()
    {
        var slice = new LeasedSlice(100, From, perSecond: 1000);
        slice.Take(From, 10);
        slice.GiveBack(4);
        Assert.Equal(4, slice.Take(From, 100));
    }

    [Theory]
    [InlineData(2_000, 1, 200)]
    [InlineData(2_000, 4, 50)]
    [InlineData(2_000, 100, 20)]
    [InlineData(3, 4, 1)]
    public void A_slice_is_100_ms_of_the_rate_divided_among_the_workers_but_no_less_than_10_ms_and_one_push(double perSecond, int workers, int permits) =>
        Assert.Equal(permits, LeasedSlice.SizeOf(perSecond, workers));

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}

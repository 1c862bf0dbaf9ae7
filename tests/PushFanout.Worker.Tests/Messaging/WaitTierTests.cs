using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Tests.Messaging;

public sealed class WaitTierTests
{
    [Theory]
    [InlineData(0, "1s")]
    [InlineData(4.9, "1s")]
    [InlineData(5, "5s")]
    [InlineData(119, "30s")]
    [InlineData(86_400, "10m")]
    public void Not_longer_than_picks_the_longest_that_fits(double seconds, string tier) =>
        Assert.Equal(tier, WaitTier.NotLongerThan(TimeSpan.FromSeconds(seconds)).Word);

    [Theory]
    [InlineData(0, "1s")]
    [InlineData(1.1, "5s")]
    [InlineData(31, "2m")]
    [InlineData(86_400, "10m")]
    public void At_least_picks_the_shortest_that_is_long_enough(double seconds, string tier) =>
        Assert.Equal(tier, WaitTier.AtLeast(TimeSpan.FromSeconds(seconds)).Word);
}

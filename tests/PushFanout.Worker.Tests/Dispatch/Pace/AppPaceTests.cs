using PushFanout.Apns;
using PushFanout.Worker.Dispatch;
using PushFanout.Worker.Tests.Ledger;

namespace PushFanout.Worker.Tests.Dispatch.Pace;

public sealed class AppPaceTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly ManualClock _clock = new();
    private readonly AppPace _pace;

    public AppPaceTests() => _pace = new AppPace(_clock);

    public void Dispose() => _pace.Dispose();

    [Fact]
    public void A_storm_is_met_with_fewer_and_fewer_pushes_and_the_rate_comes_back_within_seconds_after_it()
    {
        Assert.InRange(SendFor(seconds: 2, status: 200), 1_900, 2_000);
        Assert.Null(_pace.PerSecond);

        SendFor(seconds: 2, status: 503);
        Assert.InRange(SendFor(seconds: 4, status: 503), 1, 80);
        Assert.Equal(AppPace.Slowest, _pace.PerSecond);

        SendFor(seconds: 6, status: 200);
        Assert.Null(_pace.PerSecond);
        Assert.InRange(SendFor(seconds: 2, status: 200), 1_900, 2_000);
    }

    [Fact]
    public void What_was_handed_over_at_full_speed_is_called_back_once_the_storm_begins()
    {
        var before = _pace.FullSpeed;
        SendFor(seconds: 1, status: 503);
        Assert.True(before.IsCancellationRequested);
        Assert.False(_pace.FullSpeed.IsCancellationRequested);
        SendFor(seconds: 10, status: 200);
        Assert.False(_pace.FullSpeed.IsCancellationRequested);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public void Other_words_for_overload_count_too(int status)
    {
        SendFor(seconds: 1, status);
        Assert.NotNull(_pace.PerSecond);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(403)]
    [InlineData(0)]
    public void What_says_nothing_about_load_slows_nothing_down(int status)
    {
        SendFor(seconds: 1, status);
        Assert.Null(_pace.PerSecond);
    }

    [Fact]
    public void A_few_devices_that_get_too_much_slow_nobody_down()
    {
        for (var push = 0; push < 10_000; push++)
        {
            _clock.Now += TimeSpan.FromMilliseconds(1);
            _pace.Heard(new PushAnswer(push % 20 == 0 ? Answer.Transient : Answer.Accepted) { Status = push % 20 == 0 ? 429 : 200 });
        }
        Assert.Null(_pace.PerSecond);
    }

    [Fact]
    public void Who_would_wait_too_long_is_told_so()
    {
        SendFor(seconds: 5, status: 503);
        while (_pace.TryBook(500, TimeSpan.FromSeconds(2), out var permits, out var wait))
        {
            Assert.Equal(1, permits);
            Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public void A_storm_that_nobody_has_heard_of_for_long_is_forgotten()
    {
        SendFor(seconds: 5, status: 503);
        _clock.Now += TimeSpan.FromSeconds(31);
        Assert.True(_pace.TryBook(500, TimeSpan.Zero, out var permits, out var wait));
        Assert.Equal((500, TimeSpan.Zero), (permits, wait));
    }

    /// <summary>One that wants 10 pushes every 10 ms and is answered at once.</summary>
    private int SendFor(int seconds, int status)
    {
        var sent = 0;
        var until = _clock.Now + TimeSpan.FromSeconds(seconds);
        while (_clock.Now < until)
        {
            if (_pace.TryBook(10, TimeSpan.FromSeconds(2), out var permits, out var wait))
            {
                _clock.Now += wait;
                for (var push = 0; push < permits; push++)
                {
                    _pace.Heard(new PushAnswer(Answer.Transient) { Status = status });
                }
                sent += permits;
            }
            _clock.Now += Step;
        }
        return sent;
    }
}

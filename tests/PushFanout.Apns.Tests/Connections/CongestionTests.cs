using PushFanout.Apns.Connections;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Connections;

public sealed class CongestionTests
{
    private readonly FakeClock _clock = new();
    private readonly Congestion _congestion;

    public CongestionTests() => _congestion = new Congestion(_clock);

    [Fact]
    public void A_long_way_limits_nothing()
    {
        Answer(milliseconds: 120, inFlight: 8000, windows: 100);
        Assert.Equal(int.MaxValue, _congestion.Limit);
    }

    [Fact]
    public void Answers_that_differ_much_are_no_line_as_long_as_some_are_quick()
    {
        Answer(milliseconds: 5, inFlight: 100, windows: 1);
        for (var window = 0; window < 50; window++)
        {
            _congestion.Answered(TimeSpan.FromMilliseconds(6), 5000, _clock.GetTimestamp());
            Answer(milliseconds: 400, inFlight: 5000, windows: 1);
        }
        Assert.Equal(int.MaxValue, _congestion.Limit);
    }

    [Fact]
    public void When_even_the_quickest_answer_is_slow_fewer_are_sent_at_a_time_and_never_too_few()
    {
        Answer(milliseconds: 2, inFlight: 100, windows: 1);
        Answer(milliseconds: 60, inFlight: 4000, windows: 1);
        Assert.Equal(3000, _congestion.Limit);

        Answer(milliseconds: 60, inFlight: 3000, windows: 50);
        Assert.Equal(Congestion.Least, _congestion.Limit);
    }

    [Fact]
    public void Once_the_line_is_gone_it_tries_more_but_only_if_as_many_are_wanted()
    {
        Answer(milliseconds: 2, inFlight: 100, windows: 1);
        Answer(milliseconds: 60, inFlight: 4000, windows: 50);

        Answer(milliseconds: 3, inFlight: 20, windows: 10);
        Assert.Equal(Congestion.Least, _congestion.Limit);
        Answer(milliseconds: 3, inFlight: Congestion.Least, windows: 1);
        Assert.Equal(Congestion.Least * 5 / 4, _congestion.Limit);
    }

    [Fact]
    public void A_line_does_no_harm_while_nobody_is_in_a_hurry()
    {
        Answer(milliseconds: 2, inFlight: 100, windows: 1);
        Answer(milliseconds: 60, inFlight: 4000, windows: 50);
        Assert.Equal(int.MaxValue, _congestion.Allowed);

        _congestion.Hurried();
        Assert.Equal(Congestion.Least, _congestion.Allowed);
        _clock.Pass(TimeSpan.FromSeconds(11));
        Assert.Equal(int.MaxValue, _congestion.Allowed);
    }

    [Fact]
    public void A_way_that_became_longer_is_believed_after_a_while()
    {
        Answer(milliseconds: 10, inFlight: 1000, windows: 10);
        Answer(milliseconds: 200, inFlight: 1000, windows: 10);
        Assert.Equal(Congestion.Least, _congestion.Limit);

        Answer(milliseconds: 200, inFlight: Congestion.Least, windows: 400); // 20 s
        for (var window = 0; window < 50; window++)
        {
            Answer(milliseconds: 200, inFlight: _congestion.Limit, windows: 1);
        }
        Assert.True(_congestion.Limit > 8000, $"{_congestion.Limit}");
    }

    private void Answer(int milliseconds, int inFlight, int windows)
    {
        for (var window = 0; window < windows; window++)
        {
            _clock.Pass(TimeSpan.FromMilliseconds(50));
            for (var answer = 0; answer < 8; answer++)
            {
                _congestion.Answered(TimeSpan.FromMilliseconds(milliseconds), inFlight, _clock.GetTimestamp());
            }
        }
    }
}

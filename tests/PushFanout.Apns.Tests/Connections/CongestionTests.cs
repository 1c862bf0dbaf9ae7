using PushFanout.Apns.Connections;
using PushFanout.Apns.Tests.Kit;

namespace PushFanout.Apns.Tests.Connections;

public sealed class CongestionTests
{
    private readonly FakeClock _clock = new();
    private readonly Congestion _congestion;

    public CongestionTests() => _congestion = new Congestion(_clock);

    [Fact]
    public void While_nobody_is_in_a_hurry_a_line_does_no_harm()
    {
        Answer(milliseconds: 400, inFlight: 8000, windows: 100);
        Assert.Equal(int.MaxValue, _congestion.Room(8000));
    }

    [Fact]
    public void In_a_hurry_few_begin_until_the_way_is_known()
    {
        _congestion.Hurried();
        Assert.Equal(0, _congestion.Room(4000));
        Assert.Equal(Congestion.Least - 10, _congestion.Room(10));

        Answer(milliseconds: 2, inFlight: 4000, windows: 5); // of the line that was there: they say nothing
        Assert.Equal(0, _congestion.Room(Congestion.Least));
    }

    [Fact]
    public void What_began_in_the_line_says_nothing_about_the_way()
    {
        _congestion.Hurried();
        Answer(milliseconds: 2, inFlight: 4000, windows: 1);
        Answer(milliseconds: 300, inFlight: 10, windows: 1);
        Answer(milliseconds: 2, inFlight: Congestion.Least, windows: 1); // the first that count
        Assert.Equal(Congestion.Least, _congestion.Limit);
        Answer(milliseconds: 2, inFlight: Congestion.Least, windows: 1);
        Assert.Equal(Congestion.Least * 2, _congestion.Limit);
    }

    [Fact]
    public void A_long_way_limits_nothing_for_long()
    {
        MeasureWay(milliseconds: 120);
        FollowLimit(milliseconds: 120, windows: 10);
        Assert.True(_congestion.Limit > 8000, $"{_congestion.Limit}");
    }

    [Fact]
    public void Answers_that_differ_much_are_no_line_as_long_as_some_are_quick()
    {
        MeasureWay(milliseconds: 5);
        for (var window = 0; window < 15; window++)
        {
            _congestion.Answered(TimeSpan.FromMilliseconds(6), _congestion.Limit, _clock.GetTimestamp());
            Answer(milliseconds: 400, inFlight: _congestion.Limit, windows: 1);
            _congestion.Hurried();
        }
        Assert.True(_congestion.Limit > 8000, $"{_congestion.Limit}");
    }

    [Fact]
    public void When_even_the_quickest_answer_is_slow_fewer_are_sent_at_a_time_and_never_too_few()
    {
        MeasureWay(milliseconds: 2);
        FollowLimit(milliseconds: 2, windows: 8);
        var before = _congestion.Limit;
        Assert.Equal(Congestion.Least << 8, before);

        Answer(milliseconds: 60, inFlight: 4000, windows: 1);
        Assert.Equal(3000, _congestion.Limit);
        FollowLimit(milliseconds: 60, windows: 30);
        Assert.Equal(Congestion.Least, _congestion.Limit);
    }

    [Fact]
    public void Once_the_line_is_gone_it_tries_more_but_only_if_as_many_are_wanted()
    {
        MeasureWay(milliseconds: 2);
        Answer(milliseconds: 60, inFlight: 4000, windows: 30);

        Answer(milliseconds: 3, inFlight: 5, windows: 10);
        Assert.Equal(Congestion.Least, _congestion.Limit);
        Answer(milliseconds: 3, inFlight: Congestion.Least, windows: 1);
        Assert.Equal(Congestion.Least * 5 / 4, _congestion.Limit);
    }

    [Fact]
    public void The_hurry_ends()
    {
        MeasureWay(milliseconds: 2);
        Answer(milliseconds: 60, inFlight: 4000, windows: 30);
        Assert.Equal(0, _congestion.Room(Congestion.Least));

        _clock.Pass(TimeSpan.FromSeconds(11));
        Assert.Equal(int.MaxValue, _congestion.Room(4000));
    }

    [Fact]
    public void However_long_there_was_a_line_before_the_hurry_it_is_not_taken_for_the_way()
    {
        Answer(milliseconds: 60, inFlight: 4000, windows: 1200); // a minute of broadcast
        MeasureWay(milliseconds: 2);
        FollowLimit(milliseconds: 60, windows: 10);
        Assert.Equal(Congestion.Least, _congestion.Limit);
    }

    [Fact]
    public void A_way_that_became_longer_is_believed_when_it_is_measured_again()
    {
        MeasureWay(milliseconds: 10);
        FollowLimit(milliseconds: 200, windows: 200); // 10 s: every window too slow
        Assert.Equal(Congestion.Least, _congestion.Limit);

        FollowLimit(milliseconds: 200, windows: 60);
        Assert.True(_congestion.Limit > 8000, $"{_congestion.Limit}");
    }

    [Fact]
    public void A_connection_that_stands_still_with_all_that_may_be_in_flight_keeps_the_others_waiting_for_half_a_second_only()
    {
        _congestion.Hurried();
        Assert.Equal(0, _congestion.Room(500));
        _clock.Pass(TimeSpan.FromMilliseconds(490));
        Assert.Equal(0, _congestion.Room(500));
        _clock.Pass(TimeSpan.FromMilliseconds(10));
        Assert.Equal(int.MaxValue, _congestion.Room(500));

        Answer(milliseconds: 2, inFlight: 900, windows: 5); // of the others
        Assert.Equal(int.MaxValue, _congestion.Room(900) + 900);
    }

    private void MeasureWay(int milliseconds)
    {
        _congestion.Hurried();
        Answer(milliseconds, inFlight: Congestion.Least, windows: 1 + (milliseconds / 50)); // the first ones may have begun in a line
        Assert.Equal(0, _congestion.Room(_congestion.Limit));
    }

    /// <summary>As much as is allowed is in flight, and somebody is in a hurry all the time.</summary>
    private void FollowLimit(int milliseconds, int windows)
    {
        for (var window = 0; window < windows; window++)
        {
            _congestion.Hurried();
            Answer(milliseconds, inFlight: Math.Min(_congestion.Limit, 10_000), windows: 1);
        }
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

namespace PushFanout.Apns.Connections;

/// <summary>
/// How many pushes may be in flight before more of them only wait for each other. Whatever is short, at this end or at the other, what
/// waits for it in a line makes even the quickest answers slow. So while urgent pushes come, it is measured from time to time how quick answers are when hardly
/// anything is in flight: that is the way. When the quickest answer of a moment is much slower, fewer are sent at a time, until the line is gone and an urgent push
/// finds none in front of it. Answers that are slow because the way is long limit nothing, and where nobody is in a hurry a line does no harm.
/// Where both ends share a machine that has nothing to spare, a broadcast loses a quarter of its pace meanwhile (docs/performance.md, bench urgent).
/// </summary>
internal sealed class Congestion(TimeProvider clock)
{
    /// <summary>Never fewer, and no more while the way is measured: on one machine this many keep both ends busy in turns, and leave what else runs there its turn.</summary>
    public const int Least = 16;

    private const int EnoughAnswers = 8;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    /// <summary>Differences below this are no line.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(0.5);

    /// <summary>Then the way is measured again: ways change.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(10);

    /// <summary>For so long after an urgent push the next one is expected.</summary>
    private static readonly TimeSpan Hurry = TimeSpan.FromSeconds(10);

    /// <summary>After so long with nothing to judge by, as on a connection that stands still, nothing is limited: others may work.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    /// <summary>Stands for a way that could not be measured: longer than any, so that nothing is a line until answers were quicker.</summary>
    private static readonly TimeSpan Unmeasured = TimeSpan.FromDays(1);

    private long? urgentAt;
    private long? fullSince;
    private long fewSince;
    private long windowFrom;
    private long measuredAt;
    private TimeSpan? way;
    private TimeSpan quickest;
    private int answers;
    private bool foundLine;

    /// <summary>Pushes that may be in flight while others are urgent.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>How many pushes that are not urgent may begin now.</summary>
    /// <param name="inFlight">Pushes in flight, urgent ones included.</param>
    public int Room(int inFlight)
    {
        if (!IsHurried)
        {
            return int.MaxValue;
        }
        var most = way is null ? Least : Limit;
        if (inFlight < most)
        {
            fullSince = null;
            return most - inFlight;
        }
        fullSince ??= clock.GetTimestamp();
        return IsSilent ? int.MaxValue : 0;
    }

    /// <summary>An urgent push wants to go.</summary>
    public void Hurried()
    {
        if (!IsHurried)
        {
            (Limit, foundLine) = (Least, false);
            Measure(clock.GetTimestamp());
        }
        urgentAt = clock.GetTimestamp();
    }

    /// <param name="elapsed">From the push's begin to its answer.</param>
    /// <param name="inFlight">Pushes in flight, this one included.</param>
    /// <param name="now">The clock's timestamp.</param>
    public void Answered(TimeSpan elapsed, int inFlight, long now)
    {
        if (!IsHurried || (way is null && !IsOfTheWay(elapsed, inFlight, now)))
        {
            return;
        }
        quickest = elapsed < quickest ? elapsed : quickest;
        answers++;
        if (answers < EnoughAnswers || clock.GetElapsedTime(windowFrom, now) < Window)
        {
            return;
        }
        if (way is { } known)
        {
            Judge(known, inFlight);
        }
        else
        {
            (way, measuredAt) = (quickest, now);
        }
        NextWindow(now);
        if (clock.GetElapsedTime(measuredAt, now) >= Known)
        {
            Measure(now);
        }
    }

    private bool IsHurried => urgentAt is { } last && clock.GetElapsedTime(last) < Hurry;

    private bool IsSilent => fullSince is { } since && clock.GetElapsedTime(since) >= Silence;

    private void Measure(long now)
    {
        (way, fewSince) = (null, now);
        NextWindow(now);
    }

    private void NextWindow(long now) => (quickest, answers, windowFrom, fullSince) = (TimeSpan.MaxValue, 0, now, null);

    /// <summary>Whether an answer says how long the way is: its push began when hardly anything was in flight.</summary>
    private bool IsOfTheWay(TimeSpan elapsed, int inFlight, long now)
    {
        if (IsSilent)
        {
            (way, Limit, measuredAt) = (Unmeasured, int.MaxValue, now);
            NextWindow(now);
            return false;
        }
        if (inFlight > 2 * Least) // some of them urgent
        {
            fewSince = now;
            return false;
        }
        return elapsed <= clock.GetElapsedTime(fewSince, now);
    }

    private void Judge(TimeSpan known, int inFlight)
    {
        way = quickest < known ? quickest : known;
        if (quickest > (2 * way.Value) + Slack)
        {
            foundLine = true;
            Limit = Math.Max(Least, Math.Min(Limit, inFlight) * 3 / 4);
        }
        else if (Limit < int.MaxValue && inFlight >= Limit * 3L / 4)
        {
            Limit = (int)Math.Min(int.MaxValue, foundLine ? Limit * 5L / 4 : Limit * 2L); // until the first line: as TCP starts
        }
    }
}

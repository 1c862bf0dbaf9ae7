namespace PushFanout.Apns.Connections;

/// <summary>
/// How many pushes may be in flight before more of them only wait for each other. Whatever is short, at this end or at the other, what
/// waits for it in a line makes even the quickest answers slow. So when the quickest answer of a moment is much slower than the quickest of the last
/// seconds, fewer are sent at a time, until the line is gone: as much gets through as before, and an urgent push
/// finds no line in front of it. Answers that are slow because the way is long stay as they are and limit nothing, and where nobody is in a hurry a line does no harm.
/// </summary>
internal sealed class Congestion(TimeProvider clock)
{
    /// <summary>Never fewer: on any machine this many keep it busy.</summary>
    public const int Least = 64;

    private const int EnoughAnswers = 8;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    /// <summary>Differences below this are no line.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);

    /// <summary>What was quickest is forgotten between once and twice this time later: ways change.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    /// <summary>For so long after an urgent push the next one is expected.</summary>
    private static readonly TimeSpan Hurry = TimeSpan.FromSeconds(10);

    private long? urgentAt;
    private long windowFrom = clock.GetTimestamp();
    private long rememberedFrom = clock.GetTimestamp();
    private TimeSpan quickestNow = TimeSpan.MaxValue;
    private TimeSpan quickestLately = TimeSpan.MaxValue;
    private TimeSpan quickestBefore = TimeSpan.MaxValue;
    private int answers;

    /// <summary>Pushes that may be in flight beside urgent ones.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>Pushes that may be in flight now, urgent ones aside.</summary>
    public int Allowed => urgentAt is { } last && clock.GetElapsedTime(last) < Hurry ? Limit : int.MaxValue;

    /// <summary>An urgent push wants to go.</summary>
    public void Hurried() => urgentAt = clock.GetTimestamp();

    /// <param name="elapsed">From the push's begin to its answer.</param>
    /// <param name="inFlight">Pushes in flight, this one included.</param>
    /// <param name="now">The clock's timestamp.</param>
    public void Answered(TimeSpan elapsed, int inFlight, long now)
    {
        quickestNow = elapsed < quickestNow ? elapsed : quickestNow;
        answers++;
        if (answers < EnoughAnswers || clock.GetElapsedTime(windowFrom, now) < Window)
        {
            return;
        }
        Remember();
        Judge(inFlight);
        (quickestNow, answers, windowFrom) = (TimeSpan.MaxValue, 0, clock.GetTimestamp());
    }

    private void Remember()
    {
        if (clock.GetElapsedTime(rememberedFrom) >= Remembered)
        {
            (quickestBefore, quickestLately, rememberedFrom) = (quickestLately, TimeSpan.MaxValue, clock.GetTimestamp());
        }
        quickestLately = quickestNow < quickestLately ? quickestNow : quickestLately;
    }

    private void Judge(int inFlight)
    {
        var quickest = quickestBefore < quickestLately ? quickestBefore : quickestLately;
        if (quickestNow > (2 * quickest) + Slack)
        {
            Limit = Math.Max(Least, Math.Min(Limit, inFlight) * 3 / 4);
        }
        else if (Limit < int.MaxValue && inFlight >= Limit * 3L / 4)
        {
            Limit = (int)Math.Min(int.MaxValue, Limit * 5L / 4);
        }
    }
}

namespace PushFanout.Worker.Dispatch;

/// <summary>
/// A slice of a rate that this worker may use. Its permits ripen one after the other over the time that was booked for them, so
/// that a slice is no burst, and what is not used within <see cref="Grace"/> after that time is gone: an idle worker hoards nothing.
/// </summary>
/// <param name="from">When the first permit is ripe, on a clock that only goes forward.</param>
internal sealed class LeasedSlice(int permits, TimeSpan from, double perSecond)
{
    /// <summary>Longest time of a rate that one worker takes at once.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Grace = Longest;
    private static readonly TimeSpan Handful = TimeSpan.FromMilliseconds(10);

    private readonly int _handful = HandfulOf(perSecond);
    private int _taken;

    public TimeSpan From => from;

    /// <summary>Permits not taken yet, ripe or not.</summary>
    public int Left => permits - _taken;

    /// <summary>What is taken at once where others wait too: 10 ms of the rate, at least one.</summary>
    public static int HandfulOf(double perSecond) => Math.Max(1, (int)(perSecond * Handful.TotalSeconds));

    /// <summary>Permits to ask for when this many workers share the rate: together they book not much more than <see cref="Longest"/> ahead.</summary>
    public static int SizeOf(double perSecond, int workers) =>
        Math.Max(HandfulOf(perSecond), (int)(perSecond * Longest.TotalSeconds / workers));

    public bool IsOver(TimeSpan now) => Left == 0 || now > from + TimeSpan.FromSeconds(permits / perSecond) + Grace;

    /// <summary>Permits that may be used now.</summary>
    public int Ripe(TimeSpan now) =>
        now < from || IsOver(now) ? 0 : (int)Math.Min(permits, _handful + (now - from).TotalSeconds * perSecond) - _taken;

    /// <summary>When a handful is ripe, or all that is left.</summary>
    public TimeSpan NextRipe()
    {
        var count = _taken + Math.Min(_handful, Left);
        return from + TimeSpan.FromSeconds(Math.Max(0, count - _handful) / perSecond);
    }

    public int Take(TimeSpan now, int wanted)
    {
        var taken = Math.Clamp(wanted, 0, Math.Max(0, Ripe(now)));
        _taken += taken;
        return taken;
    }

    public void GiveBack(int count) => _taken = Math.Max(0, _taken - count);
}

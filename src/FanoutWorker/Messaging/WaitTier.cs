namespace PushFanout.Worker.Messaging;

/// <summary>One of the five wait queues. A message rests there for a fixed time: a queue with mixed times would let a long one hold back a short one.</summary>
internal readonly record struct WaitTier
{
    private WaitTier(string word, TimeSpan delay) => (Word, Delay) = (word, delay);

    public static WaitTier OneSecond { get; } = new("1s", TimeSpan.FromSeconds(1));
    public static WaitTier FiveSeconds { get; } = new("5s", TimeSpan.FromSeconds(5));
    public static WaitTier ThirtySeconds { get; } = new("30s", TimeSpan.FromSeconds(30));
    public static WaitTier TwoMinutes { get; } = new("2m", TimeSpan.FromMinutes(2));
    public static WaitTier TenMinutes { get; } = new("10m", TimeSpan.FromMinutes(10));

    /// <summary>Shortest first.</summary>
    public static IReadOnlyList<WaitTier> All { get; } = [OneSecond, FiveSeconds, ThirtySeconds, TwoMinutes, TenMinutes];

    /// <summary>The word used in queue names and tags, for example <c>30s</c>.</summary>
    public string Word { get; }

    public TimeSpan Delay { get; }

    /// <summary>Queue and fanout exchange of this tier.</summary>
    public string QueueName => "pushfanout.wait." + Word;

    /// <summary>The longest tier that is not longer than <paramref name="wait"/>; the shortest when all are.</summary>
    public static WaitTier NotLongerThan(TimeSpan wait)
    {
        var tier = OneSecond;
        foreach (var candidate in All)
        {
            if (candidate.Delay <= wait)
            {
                tier = candidate;
            }
        }
        return tier;
    }

    /// <summary>The shortest tier that is not shorter than <paramref name="wait"/>; the longest when all are.</summary>
    public static WaitTier AtLeast(TimeSpan wait)
    {
        foreach (var candidate in All)
        {
            if (candidate.Delay >= wait)
            {
                return candidate;
            }
        }
        return TenMinutes;
    }

    public override string ToString() => Word;
}

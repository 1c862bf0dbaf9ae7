namespace PushFanout.ApnsSimulator;

/// <summary>How long an answer takes: evenly spread between two bounds.</summary>
/// <param name="Least">The shortest time.</param>
/// <param name="Most">The longest time; the same as <paramref name="Least"/> for a fixed one.</param>
public sealed record AnswerLatency(TimeSpan Least, TimeSpan Most)
{
    /// <summary>Answers at once.</summary>
    public static AnswerLatency None { get; } = Fixed(TimeSpan.Zero);

    /// <summary>The same time for every answer.</summary>
    public static AnswerLatency Fixed(TimeSpan time) => new(time, time);

    internal TimeSpan Draw(Dice dice) => Most <= Least ? Least : Least + (Most - Least) * dice.Roll();
}

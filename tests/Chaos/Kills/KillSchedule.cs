using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Kills;

/// <summary>Which worker start dies where; follows from the seed alone.</summary>
internal static class KillSchedule
{
    /// <summary>Every stage equally often, in an order of its own for each seed.</summary>
    public static IReadOnlyList<KillOrder> Of(int seed, int kills, IReadOnlyList<KillStage>? stages = null)
    {
        var dice = new Random(seed);
        stages ??= KillStages.All;
        // Shuffled before it is cut, so that a run with few kills has others with another seed.
        var first = stages.ToArray();
        dice.Shuffle(first);
        var order = Enumerable.Range(0, kills).Select(i => first[i % first.Length]).ToArray();
        dice.Shuffle(order);
        return [.. order.Select(stage => new KillOrder(stage, EventOf(stage, dice)))];
    }

    /// <summary>Early and late events of what one worker does in a few seconds.</summary>
    private static int EventOf(KillStage stage, Random dice) => stage switch
    {
        KillStage.Create or KillStage.Finish or KillStage.Close => dice.Next(1, 3),
        KillStage.BetweenRanges or KillStage.Snap or KillStage.Expanded => dice.Next(1, 4),
        KillStage.BatchPublish => dice.Next(1, 12),
        KillStage.Claim or KillStage.BeforeAck => dice.Next(1, 16),
        KillStage.BeforeAdvance => dice.Next(1, 5),
        KillStage.BeforeSettle or KillStage.AfterSettle => dice.Next(1, 40),
        KillStage.MidWindow => dice.Next(1, 4_000),
        KillStage.Time => dice.Next(100, 5_000),
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, null),
    };
}

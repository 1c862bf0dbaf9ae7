namespace PushFanout.Worker.Intake;

/// <summary>
/// How shards are cut into ranges. It follows from their numbers alone, so that the range of a token is known after the plan is forgotten.
/// Never change it: a send that is under way, or whose receipts are kept, was cut this way.
/// </summary>
internal static class RangePlan
{
    /// <summary>Range r covers the shards from the end before it (or 0) to before its own end.</summary>
    public static int[] EndsOf(int shards, int ranges)
    {
        var ends = new int[ranges];
        for (var i = 0; i < ranges; i++)
        {
            ends[i] = (int)((long)shards * (i + 1) / ranges);
        }
        return ends;
    }

    /// <summary>The range that a shard belongs to. On the short way there is one range for all.</summary>
    public static int RangeOf(int shard, int shards, int ranges) => EndsOf(shards, ranges).TakeWhile(end => end <= shard).Count();
}

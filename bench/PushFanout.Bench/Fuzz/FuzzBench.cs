using System.Diagnostics;

namespace PushFanout.Bench.Fuzz;

/// <summary>Many inputs for everything of the APNs client that reads what a server sends; see <see cref="ProtocolFuzz"/>.</summary>
internal static class FuzzBench
{
    public const string Usage = "bench fuzz [INPUTS] [SEED]   default 10000000 inputs, seed of the clock";

    private const int Round = 250_000;

    /// <returns>The exit code: 1 when memory grew. Anything else that goes wrong is an exception, after the line with its seed.</returns>
    public static int Run(long inputs, int seed)
    {
        var started = Stopwatch.GetTimestamp();
        long before = 0, most = 0, done = 0;
        (long Frames, long Fields, long Words, long Refused) reached = default;
        for (var round = 0; done < inputs; round++)
        {
            var count = Math.Min(Round, inputs - done);
            Console.Write($"\r{done,12:N0} inputs; this round: bench fuzz {count} {seed + round}   ");
            var fuzz = new ProtocolFuzz(seed + round);
            fuzz.Run(count);
            done += count;
            reached = (
                reached.Frames + fuzz.Reached.Frames, reached.Fields + fuzz.Reached.Fields, reached.Words + fuzz.Reached.Words, reached.Refused + fuzz.Reached.Refused);
            var held = GC.GetTotalMemory(forceFullCollection: true);
            before = round == 0 ? held : before;
            most = Math.Max(most, held);
        }
        Console.WriteLine();
        Console.WriteLine(
            $"{done:N0} inputs in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s: {reached.Frames:N0} frames, {reached.Fields:N0} header blocks and {reached.Words:N0} words read, "
            + $"{reached.Refused:N0} inputs refused, no exception; memory held {before / 1024:N0} KB after the first round, at most {most / 1024:N0} KB");
        return most - before < 1_000_000 ? 0 : 1;
    }
}

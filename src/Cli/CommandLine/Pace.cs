using System.Globalization;

namespace PushFanout.Cli;

/// <summary>Turns a growing count into a rate and the time that is left.</summary>
/// <param name="total">What the count will be in the end.</param>
/// <param name="start">What it is now.</param>
internal sealed class Pace(TimeProvider clock, long total, long start = 0)
{
    private readonly long _startedAt = clock.GetTimestamp();

    public TimeSpan Elapsed => clock.GetElapsedTime(_startedAt);

    /// <returns>For example <c>12,000/s, 3 s left</c>; empty before anything is done.</returns>
    public string Describe(long count)
    {
        var rate = (count - start) / Math.Max(Elapsed.TotalSeconds, 0.001);
        return count <= start ? "" : string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s, {Math.Max(0, total - count) / rate:0} s left");
    }
}

namespace PushFanout.ApnsSimulator;

/// <summary>
/// Seeded rolls between 0 and 1 for many threads at once, without a lock: the n-th roll of a seed is always the same
/// (SplitMix64), only who gets it depends on the order of arrival.
/// </summary>
internal sealed class Dice(int seed)
{
    private ulong state = (ulong)seed * 0x9e3779b97f4a7c15UL;

    public double Roll() => ToUnit(DeviceTokenHash.Finish(Interlocked.Add(ref state, 0x9e3779b97f4a7c15UL)));

    public static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}

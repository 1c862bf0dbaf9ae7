namespace PushFanout.ApnsSimulator;

/// <summary>How often each kind of fault struck.</summary>
internal sealed class FaultTally
{
    private readonly long[] counts = new long[Enum.GetValues<FaultKind>().Length];

    public void Count(FaultKind kind) => Interlocked.Increment(ref counts[(int)kind]);

    public Dictionary<FaultKind, long> Struck() =>
        Enum.GetValues<FaultKind>().Where(kind => Of(kind) > 0).ToDictionary(kind => kind, Of);

    public void Reset() => Array.Clear(counts);

    private long Of(FaultKind kind) => Interlocked.Read(ref counts[(int)kind]);
}

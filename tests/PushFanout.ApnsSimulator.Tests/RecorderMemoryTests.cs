namespace PushFanout.ApnsSimulator.Tests;

/// <summary>Measured while no other test allocates.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class RecorderMemoryTests
{
    [Fact]
    public void A_million_pushes_take_at_most_54_bytes_each()
    {
        const int pushes = 1_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var recorder = new PushRecorder(pushes, 100, TimeProvider.System);
        for (var i = 0; i < pushes; i++)
        {
            recorder.Accept(DeviceTokenHash.Finish((ulong)i), "a", new Guid(i, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), true);
        }
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal((pushes, 0), (recorder.Accepted, recorder.Duplicates));
        Assert.InRange(used, 32L * pushes, 54L * pushes);
    }
}

using PushFanout.Bench.Fuzz;

namespace PushFanout.Apns.Tests.Transport.Http2;

/// <summary>A short run of what <c>./build.sh bench fuzz</c> does for long.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void Spoiled_frames_header_blocks_and_errors_are_read_or_refused()
    {
        var fuzz = new ProtocolFuzz(seed: 20261122);

        fuzz.Run(60_000);

        Assert.All([fuzz.Reached.Frames, fuzz.Reached.Fields, fuzz.Reached.Words, fuzz.Reached.Refused], reached => Assert.InRange(reached, 2000, long.MaxValue));
    }
}

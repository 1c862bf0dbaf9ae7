using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Worker;
using Xunit.Abstractions;

namespace PushFanout.Chaos.Tests;

/// <summary>A short run of the chaos suite.</summary>
public sealed class ShortRunTests(ITestOutputHelper output)
{
    private const int Seed = 11;

    [Fact]
    public async Task Workers_killed_between_any_two_effects_lose_nothing()
    {
        var stages = (KillStage[])[KillStage.Create, KillStage.BatchPublish, KillStage.MidWindow, KillStage.AfterSettle, KillStage.BeforeAck];
        var report = await KillRun.RunAsync(Plan(tokens: 8_000), KillSchedule.Of(Seed, stages.Length, stages), output.WriteLine);
        Assert.Empty(report.Broken);
        Assert.True(report.Passed);
        Assert.Equal(stages.Length, report.Kills);
        Assert.Equal((0, 0, 0), (report.Lost, report.Undeliverable, report.Expired));
    }

    /// <summary>Of a run that is small enough for every build.</summary>
    internal static ChaosPlan Plan(int tokens) => new() { Seed = Seed, Tokens = tokens, Groups = 2, Mix = DeviceMix.WithSuspects };
}

using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Worker;
using Xunit.Abstractions;

namespace PushFanout.Chaos.Tests;

/// <summary>
/// A short run of the chaos suite, and the same with a guard of the worker taken out: then the oracle must say so, or its silence
/// means nothing.
/// </summary>
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

    [Fact]
    public async Task The_oracle_notices_a_worker_that_acknowledges_before_it_sends()
    {
        var report = await KillRun.RunAsync(
            Plan(tokens: 6_000) with { Broken = BrokenGuard.AckBeforeSend, StandstillPatience = TimeSpan.FromSeconds(25) }, [new(KillStage.MidWindow, 500)], output.WriteLine);
        Assert.False(report.Passed);
        Assert.True(report.Lost > 0, "nothing was lost");
    }

    [Fact]
    public async Task The_oracle_notices_a_worker_that_deletes_what_apns_calls_bad()
    {
        var report = await KillRun.RunAsync(Plan(tokens: 3_000) with { Broken = BrokenGuard.DeleteOn400 }, [], output.WriteLine);
        Assert.False(report.Passed);
        Assert.Contains(report.Broken, broken => broken.Contains("had no 410", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_oracle_notices_a_worker_that_does_not_ask_what_was_sent()
    {
        var report = await KillRun.RunAsync(
            Plan(tokens: 12_000) with { Broken = BrokenGuard.NoLedger, Mix = DeviceMix.Usual, StandstillPatience = TimeSpan.FromSeconds(25) }, [new(KillStage.MidWindow, 2_500), new(KillStage.MidWindow, 2_500)], output.WriteLine);
        Assert.False(report.Passed);
        Assert.Contains(report.Broken, broken => broken.Contains("duplicates", StringComparison.Ordinal));
    }

    private static ChaosPlan Plan(int tokens) => new() { Seed = Seed, Tokens = tokens, Groups = 2, Mix = DeviceMix.WithSuspects };
}

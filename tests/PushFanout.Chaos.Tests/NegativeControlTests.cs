using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Worker;
using Xunit.Abstractions;

namespace PushFanout.Chaos.Tests;

/// <summary>A short run with a guard of the worker taken out: the oracle must say so, or its silence means nothing.</summary>
public sealed class NegativeControlTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_oracle_notices_a_worker_that_acknowledges_before_it_sends()
    {
        var report = await KillRun.RunAsync(
            ShortRunTests.Plan(tokens: 6_000) with { Broken = BrokenGuard.AckBeforeSend, StandstillPatience = TimeSpan.FromSeconds(25) }, [new(KillStage.MidWindow, 500)], output.WriteLine);
        Assert.False(report.Passed);
        Assert.True(report.Lost > 0, "nothing was lost");
    }

    [Fact]
    public async Task The_oracle_notices_a_worker_that_deletes_what_apns_calls_bad()
    {
        var report = await KillRun.RunAsync(ShortRunTests.Plan(tokens: 3_000) with { Broken = BrokenGuard.DeleteOn400 }, [], output.WriteLine);
        Assert.False(report.Passed);
        Assert.Contains(report.Broken, broken => broken.Contains("had no 410", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_oracle_notices_a_worker_that_does_not_ask_what_was_sent()
    {
        var report = await KillRun.RunAsync(
            ShortRunTests.Plan(tokens: 12_000) with { Broken = BrokenGuard.NoLedger, Mix = DeviceMix.Usual, StandstillPatience = TimeSpan.FromSeconds(25) }, [new(KillStage.MidWindow, 2_500), new(KillStage.MidWindow, 2_500)], output.WriteLine);
        Assert.False(report.Passed);
        Assert.Contains(report.Broken, broken => broken.Contains("duplicates", StringComparison.Ordinal));
    }
}

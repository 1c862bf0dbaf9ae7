using System.Text.Json;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class SimulatorCommandTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task The_settings_that_it_prints_are_settings_that_a_worker_takes()
    {
        await using var simulator = PushFanoutProcess.Start("simulator", "--port", "0", "--control-port", "0", "--topic", "com.example.other");
        await simulator.WaitForLineAsync("endpoint      https://localhost:", Patience);
        var lines = await SettingsLinesAsync(simulator);
        var settings = Path.GetTempFileName();
        await File.WriteAllTextAsync(settings, string.Join('\n', lines.SkipWhile(line => line != "{")));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(settings));
        Assert.Equal("com.example.other", json.RootElement.GetProperty("PushFanout").GetProperty("Apps").GetProperty("shop-ios").GetProperty("Topic").GetString());

        await using var worker = PushFanoutProcess.Start(
            "worker", "--config", settings, "--PushFanout:Transport=in-memory", "--PushFanout:Roles=intake,expansion,dispatch,feedback");
        await worker.WaitForLineAsync("Ready: consuming", Patience);

        simulator.Signal(UnixSignal.Interrupt);
        Assert.Equal(0, await simulator.WaitForExitAsync(Patience));
        File.Delete(settings);
    }

    [Fact]
    public async Task Wrong_values_end_with_2_all_named_at_once()
    {
        var run = await Run.OfAsync("simulator", "--port", "x", "--unregistered-share", "2");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--port", run.Error, StringComparison.Ordinal);
        Assert.Contains("--unregistered-share", run.Error, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> SettingsLinesAsync(ChildProcess simulator)
    {
        await Eventually.TrueAsync(() => simulator.Lines.Contains("}"), Patience, "the simulator prints the settings");
        return simulator.Lines;
    }
}

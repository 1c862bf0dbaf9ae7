using System.Text.Json.Nodes;
using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class WorkerCommandTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Fact]
    public async Task Every_fault_of_the_settings_is_printed_at_once_and_the_exit_code_is_78()
    {
        var run = await Run.OfAsync("worker", "--PushFanout:Redis:Colour=red", "--PushFanout:RabbitMq:Uri=http://localhost", "--PushFanout:Dispatch:MaxAttempts=0");
        Assert.Equal(78, run.ExitCode);
        Assert.Empty(run.Output);
        foreach (var setting in (string[])["PushFanout:Redis:Colour", "PushFanout:RabbitMq:Uri", "PushFanout:Dispatch:MaxAttempts", "PushFanout:Apps"])
        {
            Assert.Contains(run.Error.Split('\n'), line => line.StartsWith(setting + ": ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_settings_file_that_is_not_there_or_not_JSON_ends_with_78()
    {
        Assert.Equal(78, (await Run.OfAsync("worker", "--config", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")))).ExitCode);

        var broken = Path.GetTempFileName();
        await File.WriteAllTextAsync(broken, "{ \"PushFanout\": {");
        var run = await Run.OfAsync("worker", "--config", broken);
        File.Delete(broken);
        Assert.Equal(78, run.ExitCode);
        Assert.Contains(broken, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_that_would_be_used_are_printed_without_passwords_and_can_be_given_again()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions());
        string[] settings =
        [
            "--PushFanout:RabbitMq:Uri=amqp://me:hidden-word@localhost/shop", "--PushFanout:Roles=intake,http", "--PushFanout:Dispatch:CheckpointInterval=00:00:00.005",
            "--PushFanout:Credentials:main:Kind=p8", $"--PushFanout:Credentials:main:TeamId={simulator.Options.DemoTeamId}",
            $"--PushFanout:Credentials:main:KeyId={simulator.Options.DemoKeyId}", $"--PushFanout:Credentials:main:KeyFile={simulator.DemoKeyFile}",
            "--PushFanout:Apps:shop-ios:Topic=com.example.shop", "--PushFanout:Apps:shop-ios:Environment=sandbox", "--PushFanout:Apps:shop-ios:Credential=main",
        ];
        var first = await Run.OfAsync(["worker", "--print-config", .. settings]);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.DoesNotContain("hidden-word", first.Output, StringComparison.Ordinal);
        var printed = JsonNode.Parse(first.Output)!["PushFanout"]!;
        Assert.Equal("amqp://me:***@localhost/shop", (string?)printed["RabbitMq"]!["Uri"]);
        Assert.Equal(("intake,http", "00:00:00.005", "sandbox"), ((string?)printed["Roles"], (string?)printed["Dispatch"]!["CheckpointInterval"], (string?)printed["Apps"]!["shop-ios"]!["Environment"]));

        using var folder = new TemporaryFolder();
        var again = await Run.OfAsync("worker", "--print-config", "--config", folder.Write("settings.json", first.Output));
        Assert.Equal((first.Output, ""), (again.Output, again.Error));

        Assert.Equal(78, (await Run.OfAsync("worker", "--print-config", "--PushFanout:Apps:shop-ios:Topic=x")).ExitCode);
    }

    [Fact]
    public async Task A_worker_says_when_it_is_ready_and_SIGTERM_ends_it_with_0()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions());
        await using var worker = PushFanoutProcess.Start([
            "worker",
            "--PushFanout:Transport=in-memory",
            "--PushFanout:Roles=intake,expansion,dispatch,feedback",
            $"--PushFanout:Apns:EndpointOverride={simulator.Endpoint}",
            $"--PushFanout:Apns:TrustedCaFile={simulator.AuthorityFile}",
            "--PushFanout:Credentials:main:Kind=p8",
            $"--PushFanout:Credentials:main:TeamId={simulator.Options.DemoTeamId}",
            $"--PushFanout:Credentials:main:KeyId={simulator.Options.DemoKeyId}",
            $"--PushFanout:Credentials:main:KeyFile={simulator.DemoKeyFile}",
            "--PushFanout:Apps:shop-ios:Topic=com.example.shop",
            "--PushFanout:Apps:shop-ios:Environment=production",
            "--PushFanout:Apps:shop-ios:Credential=main",
        ]);
        await worker.WaitForLineAsync("Ready: consuming", Patience);
        worker.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await worker.WaitForExitAsync(Patience));
        // One screen that says what it is and works with; no banner, nothing about the framework.
        Assert.Equal(
            ["PushFanout 0.1.0: intake,expansion,dispatch,feedback on", "Messages in memory", "Devices and books in memory", "App shop-ios: com.example.shop, production, provider token key",
                $"APNs: {simulator.Endpoint.Authority},", "Ready: consuming"],
            worker.Lines.Select(line => line[(line.IndexOf("] ", StringComparison.Ordinal) + 2)..]),
            (start, line) => line.StartsWith(start, StringComparison.Ordinal));
    }
}

using PushFanout.ApnsSimulator;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class WorkerCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

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
        Assert.Single(worker.Lines); // no banner, nothing about the framework
    }
}

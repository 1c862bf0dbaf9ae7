namespace PushFanout.ApnsSimulator.Tests;

public sealed class ProgramTests
{
    [Fact]
    public async Task The_program_says_where_it_is_and_ends_when_told()
    {
        using var stop = new CancellationTokenSource();
        var output = new LineWriter("key id");
        var run = SimulatorProgram.RunAsync(["--port", "0", "--control-port", "0"], _ => null, output, TextWriter.Null, stop.Token);
        var said = await output.Said.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("https://localhost:", said, StringComparison.Ordinal);
        Assert.Contains("ca.pem", said, StringComparison.Ordinal);
        Assert.Contains("AuthKey_DEMOKEY001.p8", said, StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Arguments_win_over_variables()
    {
        var variables = new Dictionary<string, string> { ["SIMULATOR_PORT"] = "1000", ["SIMULATOR_TOPIC"] = "a.b,c.d", ["SIMULATOR_UNREGISTERED_SHARE"] = "0.02" };
        var read = SimulatorArguments.Read(
            ["--port", "2000", "--latency", "10-80", "--environment", "sandbox", "--host-name", "apns", "--host-name", "localhost", "--max-streams", "100"],
            name => variables.GetValueOrDefault(name));
        var options = Assert.IsType<SimulatorOptions>(read.Options);
        Assert.Equal((2000, 2198, 0.02, SimulatedEnvironment.Sandbox), (options.Port, options.ControlPort, options.UnregisteredShare, options.Environment));
        Assert.Equal(new AnswerLatency(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(80)), options.Latency);
        Assert.Equal(100, options.MaxStreamsPerConnection);
        Assert.Equal(["a.b", "c.d"], options.Topics);
        Assert.Equal(["apns", "localhost"], options.HostNames);
    }

    [Fact]
    public async Task Every_wrong_argument_is_named_at_once()
    {
        var error = new StringWriter();
        var code = await SimulatorProgram.RunAsync(
            ["--port", "x", "--latency", "80-10", "--team-id", "short", "--unregistered-share", "2", "--environment", "0"], _ => null, TextWriter.Null, error, default);
        Assert.Equal(2, code);
        foreach (var name in new[] { "--port", "--latency", "--team-id", "--unregistered-share", "--environment" })
        {
            Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(2, await SimulatorProgram.RunAsync(["--colour", "red"], _ => null, TextWriter.Null, error, default));
        Assert.Contains("--colour", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await SimulatorProgram.RunAsync(["--port"], _ => null, TextWriter.Null, error, default));
    }

    [Fact]
    public async Task Help_names_every_argument()
    {
        var output = new StringWriter();
        Assert.Equal(0, await SimulatorProgram.RunAsync(["--help"], _ => null, output, TextWriter.Null, default));
        Assert.All(SimulatorArgument.All, argument => Assert.Contains($"--{argument.Name} ", output.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_taken_port_ends_the_program_with_a_reason()
    {
        await using var simulator = await SimulatorHost.StartAsync(new());
        var error = new StringWriter();
        var port = simulator.Endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(1, await SimulatorProgram.RunAsync(["--port", port, "--control-port", "0"], _ => null, TextWriter.Null, error, default));
        Assert.Contains(port, error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Hands over what was written once a certain word is in it.</summary>
    private sealed class LineWriter(string lastWord) : StringWriter
    {
        private readonly TaskCompletionSource<string> said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Said => said.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            if (ToString().Contains(lastWord, StringComparison.Ordinal))
            {
                said.TrySetResult(ToString());
            }
            return Task.CompletedTask;
        }
    }
}

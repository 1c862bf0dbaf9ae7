using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PushFanout.ApnsSimulator;

/// <summary>The simulator as a program: starts it, says where it is, and keeps it running.</summary>
public static class SimulatorProgram
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Runs until <paramref name="stop"/> fires.</summary>
    /// <param name="arguments">As <c>--help</c> shows them.</param>
    /// <param name="environment">Reads a variable; arguments win over variables.</param>
    /// <param name="output">Hears where the simulator is.</param>
    /// <param name="error">Hears why it cannot start.</param>
    /// <param name="stop">Ends the run.</param>
    /// <returns>The exit code: 0; 1 when it cannot start; 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Func<string, string?> environment, TextWriter output, TextWriter error, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        var read = SimulatorArguments.Read(arguments, environment);
        if (read.HelpWanted)
        {
            await output.WriteLineAsync(SimulatorArguments.Help);
            return 0;
        }
        if (read.Options is null)
        {
            foreach (var fault in read.Faults)
            {
                await error.WriteLineAsync(fault);
            }
            return 2;
        }
        try
        {
            await using var simulator = await SimulatorHost.StartAsync(read.Options, stop);
            await output.WriteLineAsync(Describe(simulator));
            await output.FlushAsync(CancellationToken.None);
            await WaitAsync(stop);
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or ArgumentException)
        {
            await error.WriteLineAsync($"The simulator cannot start: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static string Describe(SimulatorHost simulator) => $"""
        APNs simulator ({simulator.Options.Environment})
          endpoint      {simulator.Endpoint}
          control       {simulator.ControlEndpoint}
          authority     {simulator.AuthorityFile}
          key file      {simulator.DemoKeyFile}
          team id       {simulator.Options.DemoTeamId}
          key id        {simulator.Options.DemoKeyId}

        A worker that pushes to it has these settings:
        {WorkerSettings(simulator)}
        """;

    private static string WorkerSettings(SimulatorHost simulator) => JsonSerializer.Serialize(
        new
        {
            PushFanout = new
            {
                Apns = new { EndpointOverride = simulator.Endpoint, TrustedCaFile = simulator.AuthorityFile },
                Credentials = new
                {
                    simulator = new { Kind = "p8", TeamId = simulator.Options.DemoTeamId, KeyId = simulator.Options.DemoKeyId, KeyFile = simulator.DemoKeyFile },
                },
                Apps = new Dictionary<string, object>
                {
                    ["shop-ios"] = new
                    {
                        Topic = simulator.Options.Topics.FirstOrDefault("com.example.shop"),
                        Environment = simulator.Options.Environment is SimulatedEnvironment.Sandbox ? "sandbox" : "production",
                        Credential = "simulator",
                    },
                },
            },
        },
        Indented);

    private static async Task WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        await using var _ = stop.Register(stopped.SetResult);
        await stopped.Task;
    }
}

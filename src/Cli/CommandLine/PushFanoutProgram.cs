using System.CommandLine;
using System.CommandLine.Invocation;
using PushFanout.Cli.Demo;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>All commands, and what is the same for every one of them: where it writes, how it is stopped, how it fails.</summary>
internal static class PushFanoutProgram
{
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken stop)
    {
        var parsed = Commands().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @FILE is ours, see --payload
        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are ours: a worker may take longer to stop than the library allows
        };
        if (parsed.Action is ParseErrorAction misunderstood)
        {
            misunderstood.ShowHelp = parsed.CommandResult.Command.Subcommands.Count > 0; // which commands there are; otherwise the error says enough
        }
        try
        {
            var code = await parsed.InvokeAsync(invocation, stop);
            return parsed.Action is ParseErrorAction ? ExitCodes.Usage : code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("Stopped before the end.");
            return ExitCodes.Failure;
        }
        catch (Exception failure) when (Failure.Of(failure) is { } expected)
        {
            await error.WriteLineAsync(expected.Text);
            return expected.ExitCode;
        }
    }

    private static RootCommand Commands()
    {
        var root = new RootCommand("Sends one notification to every device of an audience through APNs, and accounts for every one of them.");
        Command[] commands =
        [
            DemoCommand.Create(),
            DevCommand.Create(),
            WorkerCommand.Create(),
            SimulatorCommand.Create(),
            SendCommand.Create(),
            StatusCommand.Create(),
            .. SteerCommands.Create(),
            ExplainCommand.Create(),
            ParkedCommand.Create(),
            BrakeCommand.Create(),
            DevicesCommand.Create(),
            TopologyCommand.Create(),
        ];
        Array.ForEach(commands, root.Add);
        return root;
    }
}

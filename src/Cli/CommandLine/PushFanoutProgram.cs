using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using PushFanout.Cli.Demo;
using PushFanout.Cli.Doctor;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>All commands, and what is the same for every one of them: where it writes, how it is stopped, how it fails.</summary>
internal static class PushFanoutProgram
{
    /// <summary>A variable that, when set to anything, shows where in the program something unexpected happened.</summary>
    public const string TraceVariable = "PUSHFANOUT_TRACE";

    /// <param name="openInput">What <c>-</c> means as a file; null: this process's standard input.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken stop, Func<Stream>? openInput = null)
    {
        var parsed = Commands().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null }); // @FILE is ours, see --payload
        if (parsed.Action is ParseErrorAction)
        {
            await ExplainAsync(parsed, error);
            return ExitCodes.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new ProgramStreams(output, error, openInput ?? Console.OpenStandardInput), stop);
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
        catch (Exception bug) when (Environment.GetEnvironmentVariable(TraceVariable) is not { Length: > 0 })
        {
            await error.WriteLineAsync($"This should not happen: {bug.GetType().Name}: {bug.Message} With the variable {TraceVariable} set, it says where.");
            return ExitCodes.Failure;
        }
    }

    /// <summary>Why the command line cannot be understood, a line for each reason, and where to read on.</summary>
    private static async Task ExplainAsync(ParseResult parsed, TextWriter error)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        if (command.Subcommands.Count > 0)
        {
            await error.WriteLineAsync(parsed.UnmatchedTokens is not [var word, ..] ? $"'{path}' needs a command."
                : word.All(letter => char.IsAsciiLetterLower(letter) || letter == '-') ? $"'{path}' has no command '{word}'."
                : $"'{path}' has no command of that name."); // it may be a token or a password
            await error.WriteLineAsync($"There are: {string.Join(", ", command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name))}.");
        }
        else
        {
            // A word too many may be a token or a password: the library would repeat it.
            var secret = parsed.UnmatchedTokens.Where(word => !word.StartsWith('-')).ToList();
            foreach (var message in parsed.Errors.Select(fault => fault.Message).Distinct())
            {
                await error.WriteLineAsync(secret.Exists(message.Contains) ? "There is a word too many." : message);
            }
        }
        await error.WriteLineAsync($"See '{path} --help'.");
    }

    private static string PathOf(CommandResult result) => result.Parent is CommandResult outer ? $"{PathOf(outer)} {result.Command.Name}" : "pushfanout";

    /// <summary>The tree of commands; what the reference page is made of.</summary>
    public static RootCommand Commands()
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
            DevicesCommand.Create(),
            AudiencesCommand.Create(),
            AppsCommand.Create(),
            BrakeCommand.Create(),
            ParkedCommand.Create(),
            TopologyCommand.Create(),
            DoctorCommand.Create(),
            CompletionCommand.Create(),
            ReferenceCommand.Create(),
        ];
        Array.ForEach(commands, root.Add);
        return root;
    }
}

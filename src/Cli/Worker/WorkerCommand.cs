using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout worker</c>: what the container image runs.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = "The settings as JSON. Default: appsettings.json in the working directory, if there is one.",
            HelpName = "FILE",
        };
        var settings = new Argument<string[]>("settings")
        {
            Description = "--PushFanout:Name=VALUE, as often as wanted; wins over the environment (PushFanout__Name), which wins over the file.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        settings.Validators.Add(CheckSettings);
        var print = new Option<bool>("--print-config")
        {
            Description = "Prints the settings that the worker would run with, defaults included and passwords covered, as JSON; runs nothing.",
        };
        var list = new Option<bool>("--list-settings") { Description = "Prints every setting with its default, bounds and meaning, as Markdown; runs nothing." };
        var command = new Command("worker", "Runs a worker until SIGTERM or Ctrl+C. Exits with 78, and every fault on standard error, when its settings cannot work.")
        {
            config,
            settings,
            print,
            list,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(list))
            {
                await output.WriteAsync(SettingsReference.Write());
                return ExitCodes.Success;
            }
            if (ReadConfiguration(parsed.GetValue(config), parsed.GetValue(settings) ?? [], error) is not { } configuration)
            {
                return ExitCodes.Configuration;
            }
            var options = WorkerSettings.Check(configuration);
            if (parsed.GetValue(print))
            {
                await output.WriteLineAsync(EffectiveSettings.Write(options));
                return ExitCodes.Success;
            }
            return await RunAsync(options, configuration, stop);
        });
        return command;
    }

    private static void CheckSettings(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (!token.Value.StartsWith("--", StringComparison.Ordinal))
            {
                result.AddError("There is a word that is no setting. Settings are given as --PushFanout:Name=VALUE, in one word."); // not the word: it may be a password
                continue;
            }
            var name = token.Value.Split('=', 2)[0];
            var known = name.StartsWith("--PushFanout:", StringComparison.OrdinalIgnoreCase) || name.StartsWith("--Logging:", StringComparison.OrdinalIgnoreCase);
            if (!known || name.Length == token.Value.Length)
            {
                result.AddError($"'{name}' is not known. Settings are given as --PushFanout:Name=VALUE or --Logging:Name=VALUE.");
            }
        }
    }

    private static async Task<int> RunAsync(PushFanoutOptions options, IConfiguration configuration, CancellationToken stop)
    {
        var host = WorkerHost.Build(options, configuration, SignalFreeLifetime.Use);
        try
        {
            await host.RunAsync(stop); // disposes it too
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it started: as orderly an end as any.
        }
        return Environment.ExitCode; // set by a worker that found out later that it cannot work with what is there
    }

    private static IConfigurationRoot? ReadConfiguration(string? file, IReadOnlyList<string> settings, TextWriter error)
    {
        try
        {
            return WorkerConfiguration.Read(file, settings);
        }
        catch (Exception unreadable) when (unreadable is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            error.WriteLine(unreadable.InnerException is FormatException { InnerException: { } where } ? $"{unreadable.Message} {where.Message}" : unreadable.Message);
            return null;
        }
    }
}

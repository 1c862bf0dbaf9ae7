using System.CommandLine;
using System.Reflection;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout completion</c>: a script for the user's shell. What may come next is asked of the program itself, by its directive <c>[suggest]</c>.</summary>
internal static class CompletionCommand
{
    private static readonly (string Shell, string Use)[] Shells =
    [
        ("bash", "for this shell: source <(pushfanout completion bash); for all: put it in ~/.local/share/bash-completion/completions/pushfanout."),
        ("zsh", "for this shell: source <(pushfanout completion zsh); for all: put it in a folder of $fpath as _pushfanout."),
        ("fish", "for this shell: pushfanout completion fish | source; for all: put it in ~/.config/fish/completions/pushfanout.fish."),
    ];

    public static Command Create()
    {
        var command = new Command("completion", "Prints a script that completes commands, options and their values in a shell.");
        foreach (var (shell, use) in Shells)
        {
            var script = new Command(shell, $"The script of {shell}; {use}");
            script.SetAction(async (parsed, stop) =>
            {
                await parsed.InvocationConfiguration.Output.WriteAsync((await ReadAsync(shell, stop)).AsMemory(), stop);
                return ExitCodes.Success;
            });
            command.Add(script);
        }
        return command;
    }

    private static async Task<string> ReadAsync(string shell, CancellationToken stop)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"completion.{shell}")!);
        return await reader.ReadToEndAsync(stop);
    }
}

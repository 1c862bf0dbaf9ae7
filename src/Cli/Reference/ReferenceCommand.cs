using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout reference</c>: the page docs/cli.md, made of the commands themselves.</summary>
internal static class ReferenceCommand
{
    public static Command Create()
    {
        var command = new Command("reference", "Prints docs/cli.md.") { Hidden = true };
        command.SetAction(async (parsed, _) =>
        {
            await parsed.InvocationConfiguration.Output.WriteAsync(CommandReference.Write(PushFanoutProgram.Commands()));
            return ExitCodes.Success;
        });
        return command;
    }
}

using System.CommandLine;
using PushFanout.ApnsSimulator;

namespace PushFanout.Cli;

/// <summary><c>pushfanout simulator</c>: the simulator's own program under our roof, with the same arguments and variables.</summary>
internal static class SimulatorCommand
{
    public static Command Create()
    {
        var command = new Command("simulator", "Plays Apple's push service (APNs) on this machine, until Ctrl+C. Each option can be a variable as well, for example SIMULATOR_PORT.");
        var options = new List<Option<string[]>>();
        foreach (var argument in SimulatorArgument.All)
        {
            var option = new Option<string[]>("--" + argument.Name) { Description = argument.Text, HelpName = argument.Value };
            options.Add(option);
            command.Add(option);
        }
        command.SetAction((parsed, stop) => SimulatorProgram.RunAsync(
            [.. options.SelectMany(option => (parsed.GetValue(option) ?? []).SelectMany(value => new[] { option.Name, value }))],
            Environment.GetEnvironmentVariable,
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            stop));
        return command;
    }
}

using System.CommandLine;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices</c>: the devices in Redis.</summary>
internal static class DevicesCommand
{
    public static Command Create() => new("devices", "The devices of an app: a whole token base in and out, single ones, and how many there are.")
    {
        ImportCommand.Create(),
        ExportCommand.Create(),
        AddCommand.Create(),
        RemoveCommand.Create(),
        CountCommand.Create(),
    };
}

using System.CommandLine;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices</c>: the devices in Redis.</summary>
internal static class DevicesCommand
{
    public static Command Create() => new("devices", "Devices and audiences in Redis.") { ImportCommand.Create(), CountCommand.Create() };
}

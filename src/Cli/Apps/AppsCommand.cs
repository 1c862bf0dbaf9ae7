using System.CommandLine;

namespace PushFanout.Cli;

/// <summary><c>pushfanout apps</c>: the apps that workers serve.</summary>
internal static class AppsCommand
{
    public static Command Create() => new("apps", "The apps that workers serve: which there are, and whether their settings and credentials can work.")
    {
        AppsListCommand.Create(),
        AppsCheckCommand.Create(),
    };
}

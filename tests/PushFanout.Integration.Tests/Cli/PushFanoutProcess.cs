using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>The program as users start it, in a process of its own.</summary>
internal static class PushFanoutProcess
{
    /// <summary>Away from the repository, so that no settings file there is read.</summary>
    public static ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "pushfanout.dll"), .. arguments], workingDirectory: Path.GetTempPath());
}

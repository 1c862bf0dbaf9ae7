using PushFanout.Testing;

namespace PushFanout.Bench.Engine;

/// <summary>Keeps client and server off each other's core, where the machine has two and can.</summary>
internal static class Cores
{
    public static bool AreApart { get; } = OperatingSystem.IsLinux() && Environment.ProcessorCount > 1 && Programs.AreThere("taskset");

    /// <summary>What to put before the command of a client.</summary>
    public static string[] Client { get; } = On(0);

    /// <summary>What to put before the command of a server.</summary>
    public static string[] Server { get; } = On(1);

    private static string[] On(int core) => AreApart ? ["taskset", "-c", $"{core}"] : [];
}

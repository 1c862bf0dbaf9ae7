using System.CommandLine;

namespace PushFanout.Cli;

/// <summary>The flag that every command has which answers something: one JSON value on standard output, and nothing else there.</summary>
internal static class JsonOption
{
    public static Option<bool> Create() => new("--json") { Description = "Prints JSON, for programs." };
}

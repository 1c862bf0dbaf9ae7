using System.CommandLine;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked</c>: messages that nobody could read, or that no worker could handle.</summary>
internal static class ParkedCommand
{
    public static Command Create() => new("parked", "Messages that were put aside for an operator.")
    {
        ParkedListCommand.Create(),
        ParkedShowCommand.Create(),
        ParkedMoveCommand.Requeue(),
        ParkedMoveCommand.Discard(),
    };
}

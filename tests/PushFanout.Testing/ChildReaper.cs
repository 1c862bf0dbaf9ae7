using System.Diagnostics;

namespace PushFanout.Testing;

/// <summary>
/// Kills the child processes that are left when this process ends, however it ends: a small shell reads their ids from a
/// pipe, and the pipe closes when the last holder of its other end, this process, is gone. (Linux' parent-death signal
/// would not do: it follows the thread that started the child, and thread-pool threads come and go.)
/// </summary>
internal static class ChildReaper
{
    internal const string Script = """
        trap '' INT TERM HUP
        left=
        while read -r sign id; do
          others=
          for other in $left; do [ "$other" = "$id" ] || others="$others $other"; done
          left=$others
          [ "$sign" = - ] || left="$left $id"
        done
        for id in $left; do kill -KILL "$id" 2>/dev/null; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Process Shell = StartShell();

    public static void Watch(int processId) => Tell('+', processId);

    public static void Forget(int processId) => Tell('-', processId);

    private static void Tell(char sign, int processId)
    {
        lock (Gate)
        {
            Shell.StandardInput.Write($"{sign} {processId}\n");
            Shell.StandardInput.Flush();
        }
    }

    private static Process StartShell()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        return Process.Start(start)!;
    }
}

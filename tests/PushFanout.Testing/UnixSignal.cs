using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PushFanout.Testing;

/// <summary>The signals that tests send, by the numbers of the system they run on.</summary>
public static class UnixSignal
{
    /// <summary>Asks the process to end, as Ctrl+C does.</summary>
    public const int Interrupt = 2;
    /// <summary>Ends the process at once; it cannot clean up.</summary>
    public const int Kill = 9;
    /// <summary>Asks the process to end, as an orchestrator does.</summary>
    public const int Terminate = 15;
    /// <summary>Freezes the process.</summary>
    public static int Stop { get; } = OperatingSystem.IsMacOS() ? 17 : 19;
    /// <summary>Thaws a frozen process.</summary>
    public static int Continue { get; } = OperatingSystem.IsMacOS() ? 19 : 18;

    internal static void Send(int processId, int signal)
    {
        if (SendSignal(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} did not reach process {processId}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}

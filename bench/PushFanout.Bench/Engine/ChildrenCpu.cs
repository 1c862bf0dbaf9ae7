using System.Runtime.InteropServices;

namespace PushFanout.Bench.Engine;

/// <summary>CPU time of children that have ended; the only account that the system keeps of a program like h2load.</summary>
internal static class ChildrenCpu
{
    private const int Children = -1;
    private const int LongsOfUsage = 18;

    /// <summary>User and system time of every child that has ended so far, in seconds.</summary>
    public static double Seconds
    {
        get
        {
            Span<long> usage = stackalloc long[LongsOfUsage]; // struct rusage: two times of seconds and microseconds, then 14 counters
            if (GetUsage(Children, ref MemoryMarshal.GetReference(usage)) != 0)
            {
                throw new InvalidOperationException("The system does not tell the CPU time of its processes.");
            }
            return usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6);
        }
    }

    [DllImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetUsage(int whose, ref long usage);
}

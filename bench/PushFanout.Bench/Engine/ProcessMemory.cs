using System.Globalization;

namespace PushFanout.Bench.Engine;

/// <summary>Resident memory of a process, from <c>/proc</c>.</summary>
internal static class ProcessMemory
{
    /// <returns>Its peak so far in bytes; null when the process is gone or the system has no <c>/proc</c>.</returns>
    public static long? Peak(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

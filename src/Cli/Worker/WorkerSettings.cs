using Microsoft.Extensions.Configuration;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary>Settings that a worker cannot work with; the message has one line for each.</summary>
internal sealed class UnusableSettingsException(IReadOnlyList<SettingFault> faults) : Exception(string.Join(Environment.NewLine, faults));

/// <summary>A worker's settings, checked as a whole.</summary>
internal static class WorkerSettings
{
    /// <exception cref="UnusableSettingsException">With every fault at once.</exception>
    public static PushFanoutOptions Check(IConfiguration configuration)
    {
        var read = PushFanoutOptionsReader.Read(configuration);
        return read.IsValid ? read.Options : throw new UnusableSettingsException(read.Faults);
    }
}

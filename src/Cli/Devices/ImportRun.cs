using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>How far an import is.</summary>
/// <param name="Bytes">The size of the file, by which it is recognised.</param>
/// <param name="Line">The last line that is done.</param>
/// <param name="Devices">Devices that were written by then.</param>
/// <param name="LeftOut">Lines that were left out by then.</param>
internal sealed record ImportProgress(string App, long Bytes, long Line, long Devices, long LeftOut);

/// <summary>What an import did.</summary>
/// <param name="Before">Devices that were written before it was stopped the last time.</param>
/// <param name="LeftOut">Lines that are no devices, those from before among them.</param>
internal sealed record ImportSummary(long Added, long Renewed, long Stale, long Before, long LeftOut, double Seconds, IReadOnlyList<LineFault> Faults);

/// <summary>Why a line was left out.</summary>
internal sealed record LineFault(long Line, string Fault);

/// <summary>One run of an import: from the beginning of a file, or from where the last one stopped.</summary>
internal sealed class ImportRun(ITokenCache cache, string app, DeviceFile file, long bytes, Checkpoint<ImportProgress> checkpoint, TimeProvider clock)
{
    /// <exception cref="UsageException">The checkpoint is of another import.</exception>
    public async Task<ImportSummary> RunAsync(IProgress<Advance> progress, CancellationToken stop)
    {
        var done = checkpoint.Find() ?? new ImportProgress(app, bytes, 0, 0, 0);
        if ((done.App, done.Bytes) != (app, bytes))
        {
            throw checkpoint.Foreign(done.App != app ? $"app {done.App}" : $"a file of {Screen.Number(done.Bytes)} bytes");
        }
        var pace = new Pace(clock, total: 0);
        var result = await cache.ImportAsync(app, file.ReadAsync(done.Line, stop), new Steps(Note), stop);
        checkpoint.Delete();
        return new ImportSummary(
            result.Added, result.Renewed, result.Stale, done.Devices, done.LeftOut + file.LeftOut, pace.Elapsed.TotalSeconds,
            [.. file.Faults.Select(fault => new LineFault(fault.Line, fault.Fault))]);

        void Note(long devices)
        {
            if (file.PlaceOf(devices) is { } place)
            {
                checkpoint.Write(done with { Line = place.Line, Devices = done.Devices + place.Devices, LeftOut = done.LeftOut + place.LeftOut });
            }
            progress.Report(new Advance(
                file.ShareRead, $"{Screen.Number(done.Devices + devices)} devices  {Screen.Number((long)(devices / Math.Max(pace.Elapsed.TotalSeconds, 0.001)))}/s"));
        }
    }

    /// <summary>Unlike <see cref="Progress{T}"/> at once and in order.</summary>
    private sealed class Steps(Action<long> note) : IProgress<long>
    {
        public void Report(long value) => note(value);
    }
}

using System.Text.Json;

namespace PushFanout.Bench.Engine;

/// <summary>What one run of a client came to.</summary>
/// <param name="Sent">Pushes sent, those of the warm-up included.</param>
/// <param name="Accepted">Of those, answered with 200.</param>
/// <param name="Measured">Pushes in the time that was measured.</param>
/// <param name="Seconds">That time.</param>
/// <param name="CpuSeconds">The client process's own, in that time.</param>
/// <param name="AllocatedBytes">Managed memory allocated in that time; null for a client that is not .NET.</param>
/// <param name="PeakBytes">Peak resident memory of the process.</param>
/// <param name="Connections">Open when the time was over; null where nobody can tell.</param>
internal sealed record ClientReport(
    long Sent, long Accepted, long Measured, double Seconds, double CpuSeconds, long? AllocatedBytes, long PeakBytes, int? Connections)
{
    private const string Mark = "report: ";

    public void Write() => Console.WriteLine(Mark + JsonSerializer.Serialize(this));

    /// <returns>Null when the output has none.</returns>
    public static ClientReport? Read(IEnumerable<string> output) =>
        output.LastOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal)) is { } line
            ? JsonSerializer.Deserialize<ClientReport>(line[Mark.Length..])
            : null;
}

namespace PushFanout.TokenCache;

/// <summary>Cuts a stream of registrations into pieces that fit in memory.</summary>
internal static class DeviceImport
{
    private const int Piece = 65_536;

    public static async Task<ImportResult> RunAsync(
        IAsyncEnumerable<DeviceRegistration> devices,
        Func<IReadOnlyList<DeviceRegistration>, CancellationToken, Task<RegistrationResult[]>> write,
        IProgress<long>? progress,
        CancellationToken cancellationToken)
    {
        var counts = new long[3];
        var reading = new List<DeviceRegistration>(Piece);
        var writing = Task.CompletedTask;
        try
        {
            await foreach (var device in devices.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                DeviceLimits.Check(device);
                reading.Add(device);
                if (reading.Count == Piece)
                {
                    await writing.ConfigureAwait(false);
                    writing = WriteAsync(reading); // while the next piece is read
                    reading = new List<DeviceRegistration>(Piece);
                }
            }
        }
        finally
        {
            await writing.ConfigureAwait(false);
        }
        await WriteAsync(reading).ConfigureAwait(false);
        return new ImportResult(counts[0], counts[1], counts[2]);

        async Task WriteAsync(List<DeviceRegistration> piece)
        {
            await Task.Yield();
            foreach (var result in await write(piece, cancellationToken).ConfigureAwait(false))
            {
                counts[(int)result]++;
            }
            progress?.Report(counts.Sum());
        }
    }
}

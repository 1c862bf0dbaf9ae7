namespace PushFanout.Bench;

/// <summary>What it costs a worker to be asked how a send goes: broadcasts with and without somebody who reads its status many times a second, in turns.</summary>
internal static class StatusReadsBench
{
    private const int Pairs = 6;

    public static async Task RunAsync(BenchInstallation installation, int tokens, int readsPerSecond)
    {
        foreach (var warmUp in (int[])[0, readsPerSecond]) // compiles what the others run
        {
            await MeasureAsync(installation, tokens, warmUp);
        }
        var (plain, read) = (new List<double>(), new List<double>());
        var reads = 0;
        for (var pair = 0; pair < Pairs; pair++)
        {
            // Now one first, now the other: whatever drifts meets both.
            foreach (var withReads in pair % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                var (cpu, done) = await MeasureAsync(installation, tokens, withReads ? readsPerSecond : 0);
                (withReads ? read : plain).Add(cpu);
                reads += done;
            }
        }
        Figures.Print("worker CPU, not asked", $"{plain.Average():0.00} s per 1 M pushes", $"{Pairs} broadcasts, {plain.Min():0.00} to {plain.Max():0.00}");
        Figures.Print($"worker CPU, asked {readsPerSecond} times a second", $"{read.Average():0.00} s per 1 M pushes", $"{Pairs} broadcasts, {read.Min():0.00} to {read.Max():0.00}; {reads:N0} reads");
        Figures.Print("ratio of the two", $"{read.Average() / plain.Average():0.000}", "");
    }

    private static async Task<(double CpuSecondsPerMillion, int Reads)> MeasureAsync(BenchInstallation installation, int tokens, int readsPerSecond)
    {
        using var over = new CancellationTokenSource();
        var reading = readsPerSecond > 0 ? ReadAsync(installation, readsPerSecond, over.Token) : Task.FromResult(0);
        var figures = await BroadcastBench.MeasureAsync(installation, tokens);
        await over.CancelAsync();
        var reads = await reading;
        Figures.Expect(reads >= (int)(figures.Elapsed.TotalSeconds * readsPerSecond * 0.9), "the worker was asked as often as it was to be");
        return (figures.CpuSecondsPerMillion, reads);
    }

    /// <summary>Reads the latest notification, which is the broadcast as soon as the worker has taken it; what is late is made up for.</summary>
    private static async Task<int> ReadAsync(BenchInstallation installation, int readsPerSecond, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var started = TimeProvider.System.GetTimestamp();
        var id = await installation.LatestNotificationAsync();
        for (var reads = 0; ;)
        {
            var due = (int)(TimeProvider.System.GetElapsedTime(started).TotalSeconds * readsPerSecond) + 1;
            if (reads / readsPerSecond != due / readsPerSecond)
            {
                id = await installation.LatestNotificationAsync();
            }
            await Task.WhenAll(Enumerable.Range(0, due - reads).Select(_ => installation.ReadStatusAsync(id)));
            reads = due;
            try
            {
                await timer.WaitForNextTickAsync(over);
            }
            catch (OperationCanceledException)
            {
                return reads;
            }
        }
    }
}

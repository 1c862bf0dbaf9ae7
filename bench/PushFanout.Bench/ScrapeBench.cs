using System.Diagnostics;

namespace PushFanout.Bench;

/// <summary>What it costs a worker to be scraped: broadcasts with and without somebody who reads /metrics every second, in turns.</summary>
internal static class ScrapeBench
{
    private const int Pairs = 6;
    private const int AloneScrapes = 200;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(BenchInstallation installation, int tokens)
    {
        await BroadcastBench.MeasureAsync(installation, tokens); // compiles what the others run
        var (plain, scraped) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            // Now one first, now the other: whatever drifts meets both.
            foreach (var withScrapes in pair % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                (withScrapes ? scraped : plain).Add((await MeasureAsync(installation, tokens, withScrapes)).CpuSecondsPerMillion);
            }
        }
        var (alone, bytes, series) = await ScrapeAloneAsync(installation);
        Figures.Print("worker CPU, not scraped", $"{Median(plain):0.00} s per 1 M pushes", $"{Pairs} broadcasts, {plain.Min():0.00} to {plain.Max():0.00}");
        Figures.Print("worker CPU, scraped every second", $"{Median(scraped):0.00} s per 1 M pushes", $"{Pairs} broadcasts, {scraped.Min():0.00} to {scraped.Max():0.00}");
        Figures.Print("ratio of the two", $"{Median(scraped) / Median(plain):0.000}", "of the medians");
        Figures.Print("one scrape", $"{alone.TotalMilliseconds:0.0} ms of worker CPU", $"{series:N0} series, {bytes / 1024:N0} KB; the mean of {AloneScrapes}");
    }

    private static double Median(List<double> figures) => figures.Order().Skip((figures.Count - 1) / 2).Take(2 - (figures.Count % 2)).Average();

    private static async Task<BroadcastFigures> MeasureAsync(BenchInstallation installation, int tokens, bool withScrapes)
    {
        using var over = new CancellationTokenSource();
        var scraping = withScrapes ? ScrapeAsync(installation, over.Token) : Task.FromResult(0);
        var figures = await BroadcastBench.MeasureAsync(installation, tokens);
        await over.CancelAsync();
        var scrapes = await scraping;
        Figures.Expect(!withScrapes || scrapes >= (int)(figures.Elapsed / Every), "the worker was scraped every second");
        return figures;
    }

    private static async Task<int> ScrapeAsync(BenchInstallation installation, CancellationToken over)
    {
        using var timer = new PeriodicTimer(Every);
        for (var scrapes = 1; ; scrapes++)
        {
            await installation.ScrapeAsync();
            try
            {
                await timer.WaitForNextTickAsync(over);
            }
            catch (OperationCanceledException)
            {
                return scrapes;
            }
        }
    }

    private static async Task<(TimeSpan Cpu, int Bytes, int Series)> ScrapeAloneAsync(BenchInstallation installation)
    {
        var text = await installation.ScrapeAsync();
        var before = installation.WorkerCpu();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < AloneScrapes; i++)
        {
            await installation.ScrapeAsync();
        }
        var (cpu, busy) = (installation.WorkerCpu() - before, Stopwatch.GetElapsedTime(started));
        Figures.Expect(cpu > TimeSpan.Zero && busy > TimeSpan.Zero, "scraping takes time");
        return (cpu / AloneScrapes, text.Length, text.Split('\n').Count(line => line.Length > 0 && line[0] != '#'));
    }
}

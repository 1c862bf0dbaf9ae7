namespace PushFanout.Bench;

/// <summary>A whole installation on this machine: import, expansion, single sends and broadcasts.</summary>
internal static class PipelineBench
{
    private const int SinkRounds = 3;

    /// <returns>The exit code; a promise that was not kept is an exception.</returns>
    public static async Task<int> RunAsync(bool urgent, PipelineOptions options)
    {
        await using var installation = await BenchInstallation.StartAsync(options.FastSink);
        var other = options.FastSink ? "fast sink" : "simulator";
        Console.WriteLine($"{Environment.ProcessorCount} cores, {options.Tokens:N0} tokens; RabbitMQ, Redis, {other}, one worker and this client share them");
        await TokenCacheBench.RunAsync(installation, options.Tokens);
        if (urgent)
        {
            await UrgentBench.RunAsync(installation, options.Tokens);
            return 0;
        }
        if (options.Scrape)
        {
            await ScrapeBench.RunAsync(installation, options.Tokens);
            return 0;
        }
        if (options.StatusReads > 0)
        {
            await StatusReadsBench.RunAsync(installation, options.Tokens, options.StatusReads);
            return 0;
        }
        if (options.FastSink)
        {
            for (var round = 0; round < SinkRounds; round++) // single sends are left out: the sink does not say when which push came
            {
                await BroadcastBench.RunAsync(installation, options.Tokens);
            }
            return 0;
        }
        await SingleBench.RunAsync(installation);
        await BroadcastBench.RunAsync(installation, options.Tokens);
        return 0;
    }
}

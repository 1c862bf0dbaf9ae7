using System.Globalization;

namespace PushFanout.Bench;

/// <summary>What <c>bench pipeline</c> and <c>bench urgent</c> are asked to do.</summary>
/// <param name="Tokens">Devices of the app.</param>
/// <param name="FastSink">Push to the fast sink instead of the simulator, so that the worker is what is measured.</param>
/// <param name="Scrape">Measure what it costs to be scraped, instead of everything else.</param>
/// <param name="StatusReads">Measure what it costs to be asked for the status of a send so many times a second; 0 for not.</param>
internal sealed record PipelineOptions(int Tokens, bool FastSink, bool Scrape, int StatusReads)
{
    public const string Usage = "bench pipeline|urgent [TOKENS] [--fast-sink] [--scrape] [--status-reads=N]   default 1000000; the sink, scrapes and reads with pipeline only, for broadcasts";

    private const string Reads = "--status-reads=";

    /// <returns>Null for a command line that is none.</returns>
    public static PipelineOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new PipelineOptions(1_000_000, false, false, 0);
        foreach (var argument in arguments)
        {
            if (argument == "--fast-sink")
            {
                options = options with { FastSink = true };
            }
            else if (argument == "--scrape")
            {
                options = options with { Scrape = true };
            }
            else if (argument.StartsWith(Reads, StringComparison.Ordinal)
                && int.TryParse(argument.AsSpan(Reads.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var reads) && reads > 0)
            {
                options = options with { StatusReads = reads };
            }
            else if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) && tokens > 0)
            {
                options = options with { Tokens = tokens };
            }
            else
            {
                return null;
            }
        }
        return options;
    }
}

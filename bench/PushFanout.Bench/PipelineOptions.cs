using System.Globalization;

namespace PushFanout.Bench;

/// <summary>What <c>bench pipeline</c> and <c>bench urgent</c> are asked to do.</summary>
/// <param name="Tokens">Devices of the app.</param>
/// <param name="FastSink">Push to the fast sink instead of the simulator, so that the worker is what is measured.</param>
/// <param name="Scrape">Measure what it costs to be scraped, instead of everything else.</param>
internal sealed record PipelineOptions(int Tokens, bool FastSink, bool Scrape)
{
    public const string Usage = "bench pipeline|urgent [TOKENS] [--fast-sink] [--scrape]   default 1000000; the sink and scrapes with pipeline only, for broadcasts";

    /// <returns>Null for a command line that is none.</returns>
    public static PipelineOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new PipelineOptions(1_000_000, false, false);
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

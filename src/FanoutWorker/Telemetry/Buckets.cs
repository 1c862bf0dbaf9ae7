using System.Diagnostics.Metrics;

namespace PushFanout.Worker.Telemetry;

/// <summary>Bounds of histograms, in seconds unless said otherwise. Each is a series for every value of the tags.</summary>
internal static class Buckets
{
    /// <summary>One answer over a network, up to the longest deadline.</summary>
    public static InstrumentAdvice<double> Answer { get; } = Of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10);

    /// <summary>Work in several steps.</summary>
    public static InstrumentAdvice<double> Work { get; } = Of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60);

    /// <summary>Fine around the 100 ms promised for urgent pushes, and as far as the default deadline of six hours.</summary>
    public static InstrumentAdvice<double> Age { get; } = Of(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 21600);

    /// <summary>A call of the HTTP API.</summary>
    public static InstrumentAdvice<double> Request { get; } = Of(0.025, 0.1, 0.5, 2.5);

    /// <summary>Attempts; not seconds.</summary>
    public static InstrumentAdvice<int> Attempts { get; } = new() { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 12] };

    private static InstrumentAdvice<double> Of(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };
}

using System.Globalization;

namespace PushFanout.Bench.Engine;

/// <summary>A line of the table: the medians of all rounds of one client against one server. Null is what cannot be measured.</summary>
internal sealed record EngineRow(
    string Sink, string Client, double PushesPerSecond, double CpuSecondsPerMillion, double? AllocatedBytesPerPush, double RssMb, double? RatioToH2load,
    double? RatioToHttpClient)
{
    public const string Heading = "  sink         client        pushes/s   CPU s/1 M   B/push   RSS MB   × h2load   × HttpClient";

    public static EngineRow[] Of(string sink, IReadOnlyDictionary<string, List<ClientReport>> rounds)
    {
        var rates = rounds.ToDictionary(client => client.Key, client => Median(client.Value, report => report.Measured / report.Seconds)!.Value);
        return
        [
            .. rounds.Select(client => new EngineRow(
                sink, client.Key, Math.Round(rates[client.Key]),
                Math.Round(Median(client.Value, report => report.CpuSeconds / report.Measured * 1e6)!.Value, 3),
                Median(client.Value, report => (double?)report.AllocatedBytes / report.Measured) is { } bytes ? Math.Round(bytes, 1) : null,
                Math.Round(Median(client.Value, report => report.PeakBytes / 1048576.0)!.Value, 1), Ratio(client.Key, "h2load"), Ratio(client.Key, "httpclient"))),
        ];

        double? Ratio(string client, string to) => rates.TryGetValue(to, out var rate) ? Math.Round(rates[client] / rate, 2) : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"  {Sink,-12} {Client,-12} {PushesPerSecond,9:N0} {CpuSecondsPerMillion,11:0.00} {Text(AllocatedBytesPerPush, "0"),8} {RssMb,8:0} {Text(RatioToH2load, "0.00"),10} {Text(RatioToHttpClient, "0.0"),14}");

    private static string Text(double? figure, string format) => figure?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static double? Median(List<ClientReport> reports, Func<ClientReport, double?> figure)
    {
        var figures = reports.Select(figure).Order().ToList();
        return (figures[(figures.Count - 1) / 2] + figures[figures.Count / 2]) / 2;
    }
}

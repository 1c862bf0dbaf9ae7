using System.Globalization;
using PushFanout.Bench;
using PushFanout.Bench.Engine;
using PushFanout.Bench.Fuzz;

// ./build.sh bench pipeline|urgent: the whole way on this machine, on a RabbitMQ and a Redis of its own. ./build.sh bench engine: the APNs client alone.
switch (args)
{
    case ["engine", .. var rest] when EngineOptions.Parse(rest) is { } options:
        return await EngineBench.RunAsync(options);
    case ["fuzz"]:
        return FuzzBench.Run(10_000_000, Environment.TickCount & 0xffffff);
    case ["fuzz", var count, .. var seed] when long.TryParse(count, CultureInfo.InvariantCulture, out var inputs) && inputs > 0 && seed.Length < 2:
        return FuzzBench.Run(inputs, seed is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount & 0xffffff);
    case ["plot", var from, var to]:
        await File.WriteAllTextAsync(to, EnginePlot.Draw(EngineBench.Read(from)));
        return 0;
    case [MeasuredClient.Verb, .. var rest]:
        return await MeasuredClient.RunAsync(rest);
    case ["pipeline" or "urgent", .. var rest] when PipelineOptions.Parse(rest) is { } options && (args[0] == "pipeline" || !(options.FastSink || options.Scrape)):
        return await PipelineBench.RunAsync(args[0] == "urgent", options);
    default:
        Console.Error.WriteLine($"""
            usage: {PipelineOptions.Usage}
                   {EngineOptions.Usage}
                   {FuzzBench.Usage}
                   bench plot FILE.json OUT.svg
            """);
        return 2;
}

using System.Globalization;
using PushFanout.Bench;

// ./build.sh bench pipeline|urgent [tokens]: the whole way on this machine, on a RabbitMQ and a Redis of its own.
if (args is not ["pipeline" or "urgent", ..] || args.Length > 2)
{
    Console.Error.WriteLine("usage: bench pipeline|urgent [TOKENS]   default 1000000");
    return 2;
}
var tokens = args.Length == 2 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
await using var installation = await BenchInstallation.StartAsync();
Console.WriteLine($"{Environment.ProcessorCount} cores, {tokens:N0} tokens; RabbitMQ, Redis, simulator, one worker and this client share them");
await TokenCacheBench.RunAsync(installation, tokens);
if (args[0] == "urgent")
{
    await UrgentBench.RunAsync(installation, tokens);
    return 0;
}
await SingleBench.RunAsync(installation);
await BroadcastBench.RunAsync(installation, tokens);
return 0;

using PushFanout.Chaos.CommandLine;
using PushFanout.Chaos.Worker;

if (args is ["worker"])
{
    return await ChaosWorker.RunAsync();
}
if (args is ["--help" or "-h"])
{
    Console.WriteLine(ChaosArguments.Usage);
    return 0;
}
if (ChaosArguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(ChaosArguments.Usage);
    return 2;
}
return await ChaosCommand.RunAsync(arguments, Console.Out);

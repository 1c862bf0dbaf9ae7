using PushFanout.Cli;

using var signals = new StopSignals();
return await PushFanoutProgram.RunAsync(args, Console.Out, Console.Error, signals.Stop);

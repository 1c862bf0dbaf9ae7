using System.Runtime.InteropServices;
using PushFanout.ApnsSimulator;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await SimulatorProgram.RunAsync(args, Environment.GetEnvironmentVariable, Console.Out, Console.Error, stop.Token);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true; // the process ends by itself, after the simulator
    stop.Cancel();
}

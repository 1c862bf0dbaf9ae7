using System.Runtime.InteropServices;

namespace PushFanout.Cli;

/// <summary>Turns Ctrl+C and SIGTERM into one token. A second Ctrl+C ends the process at once, for those who cannot wait.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = signal.Signal is PosixSignal.SIGTERM || !_stop.IsCancellationRequested;
        _stop.Cancel();
    }
}

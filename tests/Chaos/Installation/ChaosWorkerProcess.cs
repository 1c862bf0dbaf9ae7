using System.Globalization;
using PushFanout.Chaos.Worker;
using PushFanout.Testing;

namespace PushFanout.Chaos.Installation;

/// <summary>A place for one worker at a time: started, killed, started again.</summary>
internal sealed class ChaosWorkerProcess(string name, Func<IReadOnlyDictionary<string, string?>> settings, Action<string> log) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private ChildProcess? _process;

    public string Name => name;

    /// <summary>Whether somebody else's fault ended it.</summary>
    public bool HasExited => _process is { HasExited: true };

    public string Output => _process?.Output ?? "";

    /// <summary>Starts the worker without waiting for it to consume.</summary>
    public void Launch(KillOrder? order = null)
    {
        var environment = new Dictionary<string, string?>(settings()) { [KillOrder.Variable] = order?.ToString() };
        _process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "PushFanout.Chaos.dll"), "worker"], environment, Path.GetTempPath());
    }

    /// <summary>Starts the worker and waits until it consumes; with an order it may have died before that.</summary>
    public async Task StartAsync(KillOrder? order = null)
    {
        Launch(order);
        await ReadyAsync();
    }

    public Task ReadyAsync() => Process.WaitForLineAsync("Ready: consuming", StartPatience);

    /// <summary>Waits until an ordered death has happened.</summary>
    /// <returns>Acceptances that it had heard and not settled.</returns>
    public async Task<long> DeathAsync(CancellationToken cancellationToken)
    {
        while (!Process.HasExited)
        {
            await Task.Delay(20, cancellationToken);
        }
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(5));
        var words = Process.Lines.LastOrDefault(line => line.StartsWith(KillPoint.LastWords, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"Worker {name} ended and nobody had ordered it:\n{Process.Output}");
        log($"{name} {words}");
        await DisposeAsync();
        return long.Parse(words[(words.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Asks it to end, as an orchestrator does.</summary>
    /// <returns>Its exit code and how long it took.</returns>
    public async Task<(int ExitCode, TimeSpan Took)> StopAsync(TimeSpan patience)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        Process.Signal(UnixSignal.Terminate);
        var exitCode = await Process.WaitForExitAsync(patience);
        return (exitCode, System.Diagnostics.Stopwatch.GetElapsedTime(started));
    }

    public Task KillAsync() => Process.KillAsync();

    public void Suspend() => Process.Signal(UnixSignal.Stop);

    public void Resume() => Process.Signal(UnixSignal.Continue);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private ChildProcess Process => _process ?? throw new InvalidOperationException($"Worker {name} was not started.");
}

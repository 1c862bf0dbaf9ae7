using System.Diagnostics;

namespace PushFanout.Testing;

/// <summary>
/// A program run as a child of the test: its output is kept, signals reach it by number, and it does not outlive the test
/// process, not even one that is killed.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan KillDeadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly OutputLines _output;
    private bool _disposed;

    private ChildProcess(Process process, OutputLines output)
    {
        _process = process;
        _output = output;
        Id = process.Id;
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>What the program wrote to standard output and standard error so far; the last lines, 5,000 unless more are asked for.</summary>
    public IReadOnlyList<string> Lines => _output.Snapshot();

    /// <summary><see cref="Lines"/> as one text, for failure messages.</summary>
    public string Output => string.Join('\n', Lines);

    /// <summary>
    /// Starts a program. A null value in <paramref name="environment"/> removes the variable. Its standard input is at its end from the start,
    /// unless it is to be written to.
    /// </summary>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null,
        int keptLines = 5_000, bool openInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }
        var output = new OutputLines(keptLines);
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        process.Start();
        ChildReaper.Watch(process.Id);
        if (!openInput)
        {
            process.StandardInput.Close();
        }
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, output);
    }

    /// <summary>Sends a signal, see <see cref="UnixSignal"/>.</summary>
    public void Signal(int signal) => UnixSignal.Send(Id, signal);

    /// <summary>Writes a line to the program's standard input, when that was left open.</summary>
    public void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until a line that contains <paramref name="text"/> is written, or has been.</summary>
    /// <returns>The first such line.</returns>
    /// <exception cref="TimeoutException">No such line in time; the message holds the output.</exception>
    public async Task<string> WaitForLineAsync(string text, TimeSpan deadline)
    {
        try
        {
            return await _output.FirstAsync(line => line.Contains(text, StringComparison.Ordinal)).WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Process {Id} did not write \"{text}\" within {deadline.TotalSeconds:0.#} s. It wrote:\n{Output}");
        }
    }

    /// <summary>Waits until the program has ended by itself or by a signal.</summary>
    /// <returns>Its exit code; 128 + n after signal n.</returns>
    /// <exception cref="TimeoutException">It still runs; the message holds the output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan deadline)
    {
        using var giveUp = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(giveUp.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} still runs after {deadline.TotalSeconds:0.#} s. It wrote:\n{Output}");
        }
        ChildReaper.Forget(Id);
        return _process.ExitCode;
    }

    /// <summary>Ends the program and its own children at once (SIGKILL), and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        await WaitForExitAsync(KillDeadline).ConfigureAwait(false);
    }

    /// <summary>Kills the program if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        await KillAsync().ConfigureAwait(false);
        _disposed = true;
        _process.Dispose();
    }

    /// <summary>The last lines of output, and whoever waits for one.</summary>
    private sealed class OutputLines(int keptLines)
    {
        private readonly Lock _gate = new();
        private readonly Queue<string> _lines = new();
        private readonly List<(Predicate<string> Wanted, TaskCompletionSource<string> Found)> _waiting = [];

        public void Add(string? line)
        {
            if (line is null)
            {
                return; // the end of the stream
            }
            lock (_gate)
            {
                _lines.Enqueue(line);
                if (_lines.Count > keptLines)
                {
                    _lines.Dequeue();
                }
                _waiting.RemoveAll(w => w.Wanted(line) && w.Found.TrySetResult(line));
            }
        }

        public string[] Snapshot()
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }

        public Task<string> FirstAsync(Predicate<string> wanted)
        {
            lock (_gate)
            {
                if (_lines.FirstOrDefault(line => wanted(line)) is { } line)
                {
                    return Task.FromResult(line);
                }
                var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((wanted, found));
                return found.Task;
            }
        }
    }
}

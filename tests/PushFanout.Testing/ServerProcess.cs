using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;

namespace PushFanout.Testing;

/// <summary>
/// What Redis and RabbitMQ have in common as children of a test: a folder of their own, a process that can be killed,
/// frozen and started again over the same data, and a wait until it answers.
/// </summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromMinutes(2);
    private ChildProcess? _process;

    private protected ServerProcess(string name, int port)
    {
        Name = name;
        Port = port;
        Folder = Directory.CreateTempSubdirectory($"pushfanout-{name}-").FullName;
        AppDomain.CurrentDomain.ProcessExit += DeleteFolder;
    }

    /// <summary>The port clients connect to, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Data and logs; deleted with the server.</summary>
    public string Folder { get; }

    /// <summary>The process id of the server.</summary>
    public int ProcessId => Process.Id;

    private protected string Name { get; }

    private ChildProcess Process => _process ?? throw new InvalidOperationException($"{Name} has not been started.");

    /// <summary>Ends the server as a power cut would (SIGKILL).</summary>
    public virtual Task KillAsync() => Process.KillAsync();

    /// <summary>Asks the server to end (SIGTERM) and waits until it has.</summary>
    public virtual Task StopAsync()
    {
        Process.Signal(UnixSignal.Terminate);
        return Process.WaitForExitAsync(StopDeadline);
    }

    /// <summary>Freezes the server: connections stay open and nothing is answered (SIGSTOP).</summary>
    public void Suspend() => Process.Signal(UnixSignal.Stop);

    /// <summary>Lets a frozen server go on (SIGCONT).</summary>
    public void Resume() => Process.Signal(UnixSignal.Continue);

    /// <summary>Starts the server again on the same port with the data it left, killing it first if it still runs.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await KillAsync().ConfigureAwait(false);
        await Process.DisposeAsync().ConfigureAwait(false);
        await RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills the server and deletes its folder.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_process is not null)
        {
            await _process.DisposeAsync().ConfigureAwait(false);
        }
        AppDomain.CurrentDomain.ProcessExit -= DeleteFolder;
        DeleteFolder(null, EventArgs.Empty);
    }

    /// <summary>Tries ports until a server has one that nobody else took in between.</summary>
    private protected static async Task<T> StartOnFreePortAsync<T>(Func<int, T> create, CancellationToken cancellationToken)
        where T : ServerProcess
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = create(FreePort.Next());
            try
            {
                await server.RunAsync(cancellationToken).ConfigureAwait(false);
                return server;
            }
            catch (ServerDidNotStartException) when (server.Process.HasExited && attempt < 3)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await server.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private protected abstract TimeSpan StartDeadline { get; }

    private protected abstract ChildProcess Launch();

    /// <summary>What a client says first, and whether the answer means that the server is ready.</summary>
    private protected abstract (ReadOnlyMemory<byte> Greeting, Func<ReadOnlyMemory<byte>, bool> IsReady) Handshake { get; }

    /// <summary>What clients talk through, once they are connected.</summary>
    private protected virtual Task<Stream> OpenAsync(TcpClient client, CancellationToken cancellationToken) => Task.FromResult<Stream>(client.GetStream());

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var process = _process = Launch();
        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellationToken).ConfigureAwait(false))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartDeadline)
            {
                throw new ServerDidNotStartException(
                    $"{Name} {(process.HasExited ? "ended" : "does not answer")} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s. It wrote:\n{process.Output}\n{LogTail()}");
            }
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, patience.Token).ConfigureAwait(false);
            var stream = await OpenAsync(client, patience.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Handshake.Greeting, patience.Token).ConfigureAwait(false);
                var answer = new byte[512];
                var length = await stream.ReadAsync(answer, patience.Token).ConfigureAwait(false);
                return Handshake.IsReady(answer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private string LogTail() => string.Join('\n', Directory.EnumerateFiles(Folder, "*.log", SearchOption.AllDirectories)
        .Select(file => $"--- {Path.GetFileName(file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(40))}"));

    private void DeleteFolder(object? sender, EventArgs e)
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A dying server may still write; a folder left under the temporary directory hurts nobody.
        }
    }
}

/// <summary>A server ended before it answered, or did not answer in time; the message holds its output and the end of its logs.</summary>
public sealed class ServerDidNotStartException : Exception
{
    /// <summary>Without details.</summary>
    public ServerDidNotStartException() { }
    /// <summary>With what the server wrote.</summary>
    public ServerDidNotStartException(string message) : base(message) { }
    /// <summary>With what the server wrote and a cause.</summary>
    public ServerDidNotStartException(string message, Exception innerException) : base(message, innerException) { }
}

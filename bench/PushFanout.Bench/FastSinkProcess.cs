using System.Text.Json;
using PushFanout.FastSink;
using PushFanout.Testing;

namespace PushFanout.Bench;

/// <summary>A fast sink as a child process, asked for its count over its standard input.</summary>
internal sealed class FastSinkProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;
    private int _asked;

    private FastSinkProcess(ChildProcess process, string ready)
    {
        _process = process;
        using var document = JsonDocument.Parse(ready);
        Endpoint = new Uri(document.RootElement.GetProperty("endpoint").GetString()!);
        AuthorityFile = document.RootElement.GetProperty("authorityFile").GetString()!;
    }

    public Uri Endpoint { get; }

    public string AuthorityFile { get; }

    /// <param name="arguments">Of the sink, see its usage.</param>
    /// <param name="pin">Program and arguments that start it on a core of its own; empty: anywhere.</param>
    public static async Task<FastSinkProcess> StartAsync(IEnumerable<string> arguments, IReadOnlyList<string> pin)
    {
        string[] command = [.. pin, "dotnet", typeof(SinkTally).Assembly.Location, .. arguments];
        var process = ChildProcess.Start(command[0], command[1..], openInput: true);
        try
        {
            return new FastSinkProcess(process, await process.WaitForLineAsync("{", Patience));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async Task<SinkTally> TallyAsync()
    {
        var question = $"stats {++_asked} ";
        _process.WriteLine(question);
        var answer = await _process.WaitForLineAsync(question, Patience);
        return JsonSerializer.Deserialize<SinkTally>(answer[answer.IndexOf('{', StringComparison.Ordinal)..], JsonSerializerOptions.Web)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Signal(UnixSignal.Terminate); // so that it takes its certificate away
        await _process.WaitForExitAsync(Patience);
        await _process.DisposeAsync();
    }
}

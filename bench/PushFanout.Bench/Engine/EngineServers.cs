using PushFanout.FastSink;
using PushFanout.Testing;

namespace PushFanout.Bench.Engine;

/// <summary>Something that answers pushes with 200 over TLS and HTTP/2, in a process of its own.</summary>
internal abstract class EngineServer : IAsyncDisposable
{
    public abstract Uri Endpoint { get; }

    /// <summary>The only root that its clients trust.</summary>
    public abstract string AuthorityFile { get; }

    /// <summary>Connections that a client may open.</summary>
    public int Connections { get; private protected init; } = 1;

    public static IReadOnlyDictionary<string, Func<Task<EngineServer>>> All { get; } = new Dictionary<string, Func<Task<EngineServer>>>
    {
        ["packed"] = () => FastSinkServer.StartAsync(1),
        ["record"] = () => FastSinkServer.StartAsync(1, "--records"),
        ["nginx"] = PackagedServer.StartNginxAsync,
        ["h2o"] = PackagedServer.StartH2oAsync,
        ["packed-40ms"] = () => FastSinkServer.StartAsync(4, "--latency-ms", "40"),
    };

    /// <summary>What the server saw so far; null for one that keeps no count.</summary>
    public abstract Task<SinkTally?> TallyAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>Our own sink; see <c>bench/FastSink</c>.</summary>
internal sealed class FastSinkServer : EngineServer
{
    private readonly FastSinkProcess _sink;

    private FastSinkServer(FastSinkProcess sink) => _sink = sink;

    public override Uri Endpoint => _sink.Endpoint;

    public override string AuthorityFile => _sink.AuthorityFile;

    public static async Task<EngineServer> StartAsync(int connections, params string[] arguments) =>
        new FastSinkServer(await FastSinkProcess.StartAsync(arguments, Cores.Server)) { Connections = connections };

    public override async Task<SinkTally?> TallyAsync() => await _sink.TallyAsync();

    public override ValueTask DisposeAsync() => _sink.DisposeAsync();
}

/// <summary>A web server from a package, which knows nothing of us: so our client's figures are not only about our own sink.</summary>
internal sealed class PackagedServer : EngineServer
{
    private static readonly Http2ServerOptions OnItsCore = new() { StartWith = Cores.Server };

    private readonly Http2Server _server;

    private PackagedServer(Http2Server server) => _server = server;

    public override Uri Endpoint => _server.Endpoint;

    public override string AuthorityFile => _server.AuthorityFile;

    public static async Task<EngineServer> StartNginxAsync() => new PackagedServer(await Http2Server.StartNginxAsync(OnItsCore));

    public static async Task<EngineServer> StartH2oAsync() => new PackagedServer(await Http2Server.StartH2oAsync(OnItsCore));

    public override Task<SinkTally?> TallyAsync() => Task.FromResult<SinkTally?>(null);

    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}

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
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    private readonly string _folder;
    private readonly ChildProcess _process;

    private PackagedServer(string folder, ChildProcess process, int port)
    {
        _folder = folder;
        _process = process;
        Endpoint = new Uri($"https://127.0.0.1:{port}");
    }

    public override Uri Endpoint { get; }

    public override string AuthorityFile => Path.Combine(_folder, SinkCertificate.FileName);

    public static Task<EngineServer> StartNginxAsync() => StartAsync("nginx", "-c", (port, certificate, folder) => $$"""
        daemon off;
        master_process off;
        worker_processes 1;
        pid {{folder}}/nginx.pid;
        error_log {{folder}}/error.log;
        events { worker_connections 256; }
        http {
          access_log off;
          keepalive_requests 1000000000;
          http2_max_concurrent_streams 1000;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          server {
            listen 127.0.0.1:{{port}} ssl http2;
            ssl_certificate {{certificate.File}};
            ssl_certificate_key {{certificate.KeyFile}};
            ssl_protocols TLSv1.2 TLSv1.3;
            location / { return 200; }
          }
        }
        """);

    public static Task<EngineServer> StartH2oAsync() => StartAsync("h2o", "--conf", (port, certificate, folder) => $$"""
        num-threads: 1
        user: {{Environment.UserName}}
        error-log: {{folder}}/error.log
        listen:
          host: 127.0.0.1
          port: {{port}}
          ssl:
            certificate-file: {{certificate.File}}
            key-file: {{certificate.KeyFile}}
            ocsp-update-interval: 0
        hosts:
          default:
            paths:
              /:
                mruby.handler: |
                  Proc.new {|env| [200, {}, []]}
        """);

    public override Task<SinkTally?> TallyAsync() => Task.FromResult<SinkTally?>(null);

    public override async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<EngineServer> StartAsync(string program, string configurationOption, Func<int, SinkCertificate, string, string> configuration)
    {
        var folder = Directory.CreateTempSubdirectory($"pushfanout-{program}-").FullName;
        var port = FreePort.Next();
        var file = Path.Combine(folder, $"{program}.conf");
        await File.WriteAllTextAsync(file, configuration(port, SinkCertificate.Make(folder), folder));
        string[] command = [.. Cores.Server, Programs.Find(program), configurationOption, file];
        var server = new PackagedServer(folder, ChildProcess.Start(command[0], command[1..]), port);
        if (!await ListensAsync(server))
        {
            var said = server._process.Output;
            await server.DisposeAsync();
            throw new InvalidOperationException($"{program} did not start: {said}");
        }
        return server;
    }

    private static async Task<bool> ListensAsync(PackagedServer server)
    {
        using var deadline = new CancellationTokenSource(StartPatience);
        while (!deadline.IsCancellationRequested && !server._process.HasExited)
        {
            using var socket = new System.Net.Sockets.TcpClient();
            try
            {
                await socket.ConnectAsync("127.0.0.1", server.Endpoint.Port, deadline.Token);
                return true;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
        return false;
    }
}

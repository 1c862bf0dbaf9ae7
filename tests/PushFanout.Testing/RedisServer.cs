using System.Net.Sockets;
using System.Text;

namespace PushFanout.Testing;

/// <summary>How a Redis of a test runs.</summary>
public sealed record RedisServerOptions
{
    /// <summary>Whether every write reaches the disk before it is answered, so that a killed server comes back with its data.</summary>
    public bool AppendOnly { get; init; }
    /// <summary>The password clients must give, or null.</summary>
    public string? Password { get; init; }
    /// <summary>What Redis does when memory is full.</summary>
    public string MaxMemoryPolicy { get; init; } = "noeviction";
    /// <summary>Whether the server is a node of a Redis Cluster.</summary>
    public bool ClusterNode { get; init; }
    /// <summary>Further arguments, for example <c>--maxmemory 10mb</c> as two strings.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A private redis-server on loopback.</summary>
public sealed class RedisServer : ServerProcess
{
    private static readonly TimeSpan CommandDeadline = TimeSpan.FromSeconds(60);

    private readonly RedisServerOptions _options;
    private readonly int _clusterPort;

    private RedisServer(int port, RedisServerOptions options) : base("redis", port)
    {
        _options = options;
        _clusterPort = options.ClusterNode ? FreePort.Next() : 0;
    }

    /// <summary>Where the server listens: <c>127.0.0.1:port</c>.</summary>
    public string Endpoint => $"127.0.0.1:{Port}";

    /// <summary>The password clients must give, or null.</summary>
    public string? Password => _options.Password;

    /// <summary><see cref="Endpoint"/> and password in the notation of StackExchange.Redis.</summary>
    public string ConnectionString => Password is null ? Endpoint : $"{Endpoint},password={Password}";

    /// <summary>Starts a server and returns when it answers.</summary>
    public static Task<RedisServer> StartAsync(RedisServerOptions? options = null, CancellationToken cancellationToken = default) =>
        StartOnFreePortAsync(port => new RedisServer(port, options ?? new()), cancellationToken);

    /// <summary>Sends one command on a connection of its own, for what a test does to a server rather than through a client: <c>CLIENT PAUSE 5000</c>.</summary>
    /// <param name="command">The command and its arguments, separated by spaces; no argument holds one.</param>
    /// <param name="password">Given when the server was told another one than <see cref="Password"/> in the meantime.</param>
    /// <returns>The answer when it is a status, a number or a string; an error and the head of an array as they came.</returns>
    public async Task<string> CommandAsync(string command, string? password = null)
    {
        password ??= Password;
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port).WaitAsync(CommandDeadline).ConfigureAwait(false);
        var stream = client.GetStream();
        using var lines = new StreamReader(stream, Encoding.Latin1);
        if (password is not null)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"AUTH {password}\r\n")).ConfigureAwait(false);
            await lines.ReadLineAsync().WaitAsync(CommandDeadline).ConfigureAwait(false);
        }
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{command}\r\n")).ConfigureAwait(false);
        var answer = await lines.ReadLineAsync().WaitAsync(CommandDeadline).ConfigureAwait(false) ?? "";
        return answer is ['$', >= '0' and <= '9', ..]
            ? await lines.ReadLineAsync().WaitAsync(CommandDeadline).ConfigureAwait(false) ?? ""
            : answer.TrimStart('+', ':');
    }

    private protected override TimeSpan StartDeadline => Eventually.Patience;

    private protected override (ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, bool>) Handshake =>
        (Encoding.ASCII.GetBytes(Password is null ? "PING\r\n" : $"AUTH {Password}\r\nPING\r\n"),
         answer => Encoding.ASCII.GetString(answer.Span).Contains("+PONG", StringComparison.Ordinal));

    private protected override ChildProcess Launch()
    {
        List<string> arguments =
        [
            "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Folder, "--logfile", Path.Combine(Folder, "redis.log"),
            "--daemonize", "no", "--save", "", "--maxmemory-policy", _options.MaxMemoryPolicy,
            "--appendonly", _options.AppendOnly ? "yes" : "no", "--appendfsync", "always",
        ];
        if (Password is not null)
        {
            arguments.AddRange(["--requirepass", Password]);
        }
        if (_options.ClusterNode)
        {
            arguments.AddRange(["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", $"{_clusterPort}"]);
        }
        return ChildProcess.Start(Programs.Find("redis-server"), [.. arguments, .. _options.Arguments]);
    }
}

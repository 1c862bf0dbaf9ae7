using System.Security.Cryptography;

namespace PushFanout.Testing;

/// <summary>How a RabbitMQ of a test runs.</summary>
public sealed record RabbitMqServerOptions
{
    /// <summary>Whether the management plugin runs, on <see cref="RabbitMqServer.ManagementUri"/>; the start takes a little longer.</summary>
    public bool Management { get; init; }
    /// <summary>Whether the plugin for Prometheus runs, on <see cref="RabbitMqServer.MetricsUri"/>.</summary>
    public bool Metrics { get; init; }
    /// <summary>Further lines of rabbitmq.conf, for example <c>consumer_timeout = 60000</c>.</summary>
    public IReadOnlyList<string> Configuration { get; init; } = [];
}

/// <summary>
/// A private RabbitMQ node on loopback, with its own name, cookie, port mapper and folder: nothing of an installed node is
/// read or changed.
/// </summary>
public sealed class RabbitMqServer : ServerProcess
{
    private static readonly TimeSpan CommandDeadline = Eventually.Patience;

    private readonly RabbitMqServerOptions _options;
    private readonly int _distributionPort = FreePort.Next();
    private readonly int _portMapperPort;
    private readonly int _managementPort = FreePort.Next();
    private readonly int _metricsPort = FreePort.Next();
    private readonly RabbitMqServer? _sibling;
    private ChildProcess? _portMapper;

    private RabbitMqServer(int port, RabbitMqServerOptions options, RabbitMqServer? sibling = null) : base("rabbitmq", port)
    {
        _options = options;
        _sibling = sibling;
        _portMapperPort = sibling?._portMapperPort ?? FreePort.Next();
    }

    /// <summary>Where the node listens: <c>amqp://guest:guest@127.0.0.1:port/</c>.</summary>
    public Uri Uri => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    /// <summary>The HTTP API, when <see cref="RabbitMqServerOptions.Management"/> is on.</summary>
    public Uri ManagementUri => _options.Management
        ? new($"http://127.0.0.1:{_managementPort}/")
        : throw new InvalidOperationException("The management plugin is not on.");

    /// <summary>What Prometheus scrapes, when <see cref="RabbitMqServerOptions.Metrics"/> is on.</summary>
    public Uri MetricsUri => _options.Metrics
        ? new($"http://127.0.0.1:{_metricsPort}/")
        : throw new InvalidOperationException("The plugin for Prometheus is not on.");

    /// <summary>Starts a node and returns when it speaks AMQP.</summary>
    public static Task<RabbitMqServer> StartAsync(RabbitMqServerOptions? options = null, CancellationToken cancellationToken = default) =>
        StartOnFreePortAsync(port => new RabbitMqServer(port, options ?? new()), cancellationToken);

    /// <summary>Starts a node that can join the cluster of <paramref name="sibling"/>: with its cookie and its port mapper.</summary>
    internal static Task<RabbitMqServer> StartSiblingAsync(RabbitMqServer sibling, CancellationToken cancellationToken) =>
        StartOnFreePortAsync(port => new RabbitMqServer(port, sibling._options, sibling), cancellationToken);

    /// <summary>What the node is called in its cluster.</summary>
    internal string NodeName => $"pushfanout{Port}@localhost";

    /// <summary>Runs rabbitmqctl on the node, for example <c>close_all_connections</c>.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var ctl = ChildProcess.Start(Programs.Find("rabbitmqctl", NodeFolders()), arguments, Variables());
        await using (ctl.ConfigureAwait(false))
        {
            var exitCode = await ctl.WaitForExitAsync(CommandDeadline).ConfigureAwait(false);
            return exitCode == 0
                ? ctl.Output
                : throw new InvalidOperationException($"rabbitmqctl {arguments.FirstOrDefault()} failed with {exitCode}:\n{ctl.Output}");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_portMapper is not null)
        {
            await _portMapper.DisposeAsync().ConfigureAwait(false);
        }
    }

    private protected override TimeSpan StartDeadline => Eventually.Patience;

    private protected override (ReadOnlyMemory<byte>, Func<ReadOnlyMemory<byte>, bool>) Handshake =>
        ("AMQP\0\0\x09\x01"u8.ToArray(), answer => answer.Length > 0 && answer.Span[0] == 1); // 1: a method frame, connection.start

    private protected override ChildProcess Launch()
    {
        WriteConfiguration();
        // A node that finds no port mapper starts one as a daemon that nobody ends. So it finds ours, which is a child.
        if (_sibling is null && _portMapper is not { HasExited: false })
        {
            _portMapper = ChildProcess.Start(
                Programs.Find("epmd", ErlangFolders()), ["-port", $"{_portMapperPort}", "-address", "127.0.0.1", "-relaxed_command_check"]);
        }
        return ChildProcess.Start(Programs.Find("rabbitmq-server", NodeFolders()), [], Variables());
    }

    private void WriteConfiguration()
    {
        foreach (var folder in (string[])["mnesia", "log", "home", "conf"])
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }
        var cookie = Path.Combine(Folder, "home", ".erlang.cookie");
        if (!File.Exists(cookie))
        {
            File.WriteAllText(cookie, _sibling is null ? RandomNumberGenerator.GetHexString(20) : File.ReadAllText(Path.Combine(_sibling.Folder, "home", ".erlang.cookie")));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(cookie, UnixFileMode.UserRead); // Erlang refuses a cookie that others can read
            }
        }
        (bool On, string Name)[] plugins = [(_options.Management, "rabbitmq_management"), (_options.Metrics, "rabbitmq_prometheus")];
        File.WriteAllText(Path.Combine(Folder, "conf", "enabled_plugins"), $"[{string.Join(',', plugins.Where(plugin => plugin.On).Select(plugin => plugin.Name))}].");
        List<string> lines =
        [
            $"listeners.tcp.1 = 127.0.0.1:{Port}",
            "loopback_users = none",
            "vm_memory_high_watermark.absolute = 2GB",
            "disk_free_limit.absolute = 200MB",
            "log.file.level = warning",
            "log.console = false",
        ];
        if (_options.Management)
        {
            lines.AddRange(["management.tcp.ip = 127.0.0.1", $"management.tcp.port = {_managementPort}"]);
        }
        if (_options.Metrics)
        {
            lines.AddRange(["prometheus.tcp.ip = 127.0.0.1", $"prometheus.tcp.port = {_metricsPort}"]);
        }
        File.WriteAllLines(Path.Combine(Folder, "conf", "rabbitmq.conf"), [.. lines, .. _options.Configuration]);
    }

    private Dictionary<string, string?> Variables() => new()
    {
        ["HOME"] = Path.Combine(Folder, "home"),
        ["RABBITMQ_NODENAME"] = NodeName,
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{Port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["ERL_EPMD_PORT"] = $"{_portMapperPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
        ["RABBITMQ_LOGS"] = Path.Combine(Folder, "log", "node.log"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "conf", "enabled_plugins"),
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "conf", "rabbitmq"),
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(AppContext.BaseDirectory, "rabbitmq", "advanced.config"), // the one that is shipped
        ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(Folder, "conf", "none"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(Folder, "node.pid"),
        // Without a shell in between, signals reach the node itself.
        ["RUNNING_UNDER_SYSTEMD"] = "true",
        // Distribution on loopback only; schedulers that do not spin leave the cores to what is tested.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
        ["RABBITMQ_CTL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
    };

    /// <summary>The scripts on Debian's path change the user first; those beside the node do not.</summary>
    private static IEnumerable<string> NodeFolders() => Directory.Exists("/usr/lib/rabbitmq/lib")
        ? Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").OrderDescending().Select(folder => Path.Combine(folder, "sbin"))
        : [];

    private static IEnumerable<string> ErlangFolders() => Directory.Exists("/opt/homebrew/opt/erlang/lib/erlang/bin")
        ? ["/opt/homebrew/opt/erlang/lib/erlang/bin"]
        : ["/usr/local/opt/erlang/lib/erlang/bin"];
}

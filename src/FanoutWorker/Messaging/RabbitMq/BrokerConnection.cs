using System.Net.Security;
using RabbitMQ.Client;

namespace PushFanout.Worker.Messaging.RabbitMq;

/// <summary>How to reach the broker; made once from the options, the password read from its file.</summary>
/// <param name="Uri"><c>amqp</c> or <c>amqps</c>, with virtual host and possibly user.</param>
/// <param name="Password">Overrides the one in the address; null when there is none.</param>
/// <param name="OtherHosts">Further nodes of the same cluster, <c>host</c> or <c>host:port</c>, with commas; null when there are none.</param>
internal sealed record BrokerConnection(Uri Uri, string? Password, string? OtherHosts = null)
{
    /// <summary>A frozen worker is noticed, and its deliveries go to others, after two of these.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for a node to be connected, and for the answer to a command.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    public string User => UserInfo[0].Length > 0 ? Uri.UnescapeDataString(UserInfo[0]) : ConnectionFactory.DefaultUser;

    public string EffectivePassword => Password ?? (UserInfo.Length > 1 ? Uri.UnescapeDataString(UserInfo[1]) : ConnectionFactory.DefaultPass);

    public string VirtualHost => Uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(Uri.AbsolutePath[1..]) : ConnectionFactory.DefaultVHost;

    public bool Tls => Uri.Scheme == "amqps";

    public int Port => Uri.IsDefaultPort || Uri.Port < 0 ? (Tls ? AmqpTcpEndpoint.DefaultAmqpSslPort : 5672) : Uri.Port;

    private string[] UserInfo => Uri.UserInfo.Split(':', 2);

    /// <summary>Every node that may be connected to, that of <see cref="Uri"/> first.</summary>
    public IReadOnlyList<AmqpTcpEndpoint> Nodes =>
        [.. new[] { $"{Uri.Host}:{Port}" }.Concat(OtherHosts?.Split(',', StringSplitOptions.TrimEntries) ?? []).Select(Node)];

    /// <summary>Connects to the first node that answers, tried in random order.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">None answers, or the login is refused.</exception>
    public Task<IConnection> ConnectAsync(string name, CancellationToken cancellationToken) => new ConnectionFactory
    {
        VirtualHost = VirtualHost,
        UserName = User,
        Password = EffectivePassword,
        RequestedHeartbeat = Heartbeat,
        RequestedConnectionTimeout = ConnectTimeout,
        HandshakeContinuationTimeout = ConnectTimeout,
        ContinuationTimeout = ConnectTimeout,
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(Nodes, name, cancellationToken);

    private AmqpTcpEndpoint Node(string node)
    {
        // As an address, for a host may be an IPv6 one in brackets.
        var address = new Uri($"{Uri.Scheme}://{node}");
        return new AmqpTcpEndpoint(
            address.Host.Trim('[', ']'), address.IsDefaultPort || address.Port < 0 ? Port : address.Port,
            new SslOption { Enabled = Tls, ServerName = Uri.Host, AcceptablePolicyErrors = SslPolicyErrors.None });
    }

    /// <summary>Host, port and virtual host; never a password.</summary>
    public override string ToString() => $"{Uri.Scheme}://{Uri.Host}:{Port}/{VirtualHost.TrimStart('/')}";
}

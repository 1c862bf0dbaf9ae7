using System.Net.Security;
using RabbitMQ.Client;

namespace PushFanout.Worker.Messaging.RabbitMq;

/// <summary>How to reach the broker; made once from the options, the password read from its file.</summary>
/// <param name="Uri"><c>amqp</c> or <c>amqps</c>, with virtual host and possibly user.</param>
/// <param name="Password">Overrides the one in the address; null when there is none.</param>
internal sealed record BrokerConnection(Uri Uri, string? Password)
{
    /// <summary>A frozen worker is noticed, and its deliveries go to others, after two of these.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    public string User => UserInfo[0].Length > 0 ? Uri.UnescapeDataString(UserInfo[0]) : ConnectionFactory.DefaultUser;

    public string EffectivePassword => Password ?? (UserInfo.Length > 1 ? Uri.UnescapeDataString(UserInfo[1]) : ConnectionFactory.DefaultPass);

    public string VirtualHost => Uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(Uri.AbsolutePath[1..]) : ConnectionFactory.DefaultVHost;

    public bool Tls => Uri.Scheme == "amqps";

    public int Port => Uri.IsDefaultPort || Uri.Port < 0 ? (Tls ? AmqpTcpEndpoint.DefaultAmqpSslPort : 5672) : Uri.Port;

    private string[] UserInfo => Uri.UserInfo.Split(':', 2);

    public IConnectionFactory ToFactory() => new ConnectionFactory
    {
        HostName = Uri.Host,
        Port = Port,
        VirtualHost = VirtualHost,
        UserName = User,
        Password = EffectivePassword,
        RequestedHeartbeat = Heartbeat,
        AutomaticRecoveryEnabled = false,
        Ssl = new SslOption { Enabled = Tls, ServerName = Uri.Host, AcceptablePolicyErrors = SslPolicyErrors.None },
    };

    /// <summary>Host, port and virtual host; never a password.</summary>
    public override string ToString() => $"{Uri.Scheme}://{Uri.Host}:{Port}/{VirtualHost.TrimStart('/')}";
}

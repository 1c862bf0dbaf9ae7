using System.Globalization;

namespace PushFanout.Worker.Hosting;

/// <summary>Broker and store: where they are, and that nothing crosses a network in the clear unless the operator insists.</summary>
internal static class ConnectionRules
{
    private const string Encrypt = "; AllowInsecure permits it in a network that you trust";
    private const Roles Pipeline = Roles.Intake | Roles.Expansion | Roles.Dispatch | Roles.Feedback;

    public static void Check(PushFanoutOptions options, SettingFaults faults)
    {
        if (options.Transport == Transport.RabbitMq)
        {
            CheckRabbitMq(options.RabbitMq, options.AllowInsecure, faults);
        }
        else if ((options.Roles & Pipeline) != Pipeline)
        {
            faults.Add("Roles", "must list intake, expansion, dispatch and feedback: the transport in-memory reaches no other process");
        }
        if (options.Redis is { } redis)
        {
            CheckRedis(redis, options.AllowInsecure, faults);
        }
    }

    private static void CheckRabbitMq(RabbitMqOptions rabbitMq, bool allowInsecure, SettingFaults faults)
    {
        if (faults.Concerns("RabbitMq:Uri"))
        {
            return;
        }
        var tls = rabbitMq.Uri.Scheme == "amqps";
        if (!tls && rabbitMq.Uri.Scheme != "amqp")
        {
            faults.Add("RabbitMq:Uri", "must begin with amqp:// or amqps://");
            return;
        }
        if (rabbitMq.HasPasswordInUri && rabbitMq.PasswordFile is not null)
        {
            faults.Add("RabbitMq:PasswordFile", "must not be given together with a password in RabbitMq:Uri");
        }
        CheckSecret("RabbitMq:PasswordFile", rabbitMq.PasswordFile, faults);
        var others = HostsOf(rabbitMq.Hosts ?? "");
        if (rabbitMq.Hosts is not null && others.Contains(null))
        {
            faults.Add("RabbitMq:Hosts", "must be host or host:port, several separated by commas");
            return;
        }
        if (allowInsecure || (Loopback.Contains(rabbitMq.Uri.Host) && (rabbitMq.Hosts is null || others.All(host => Loopback.Contains(host!)))))
        {
            return;
        }
        if (!tls)
        {
            faults.Add("RabbitMq:Uri", "must be amqps:// when the broker is not on this machine" + Encrypt);
        }
        if (rabbitMq.HasPasswordInUri)
        {
            faults.Add("RabbitMq:Uri", "must not hold a password when the broker is not on this machine; put it into RabbitMq:PasswordFile");
        }
        else if (rabbitMq.PasswordFile is null)
        {
            faults.Add("RabbitMq:PasswordFile", "is required when the broker is not on this machine" + Encrypt);
        }
    }

    private static void CheckRedis(RedisOptions redis, bool allowInsecure, SettingFaults faults)
    {
        CheckSecret("Redis:PasswordFile", redis.PasswordFile, faults);
        if (faults.Concerns("Redis:Endpoints"))
        {
            return;
        }
        var hosts = HostsOf(redis.Endpoints);
        if (hosts.Contains(null))
        {
            faults.Add("Redis:Endpoints", "must be host or host:port, several separated by commas");
            return;
        }
        if (allowInsecure || hosts.All(host => Loopback.Contains(host!)))
        {
            return;
        }
        if (!redis.Tls)
        {
            faults.Add("Redis:Tls", "must be true when Redis is not on this machine" + Encrypt);
        }
        if (redis.PasswordFile is null)
        {
            faults.Add("Redis:PasswordFile", "is required when Redis is not on this machine" + Encrypt);
        }
    }

    private static List<string?> HostsOf(string endpoints) => [.. endpoints.Split(',', StringSplitOptions.TrimEntries).Select(HostOf)];

    /// <summary>The host of <c>host</c>, <c>host:port</c> or <c>[v6]:port</c>; null when it is none of them.</summary>
    private static string? HostOf(string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        var hasPort = colon > endpoint.LastIndexOf(']');
        if (hasPort && !(ushort.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0))
        {
            return null;
        }
        var host = hasPort ? endpoint[..colon] : endpoint;
        return Uri.CheckHostName(host.Trim('[', ']')) is UriHostNameType.Unknown ? null : host;
    }

    private static void CheckSecret(string setting, string? path, SettingFaults faults)
    {
        if (path is not null && SecretText.TryRead(path, out var fault) is null)
        {
            faults.Add(setting, $"{path}: {fault}");
        }
    }
}

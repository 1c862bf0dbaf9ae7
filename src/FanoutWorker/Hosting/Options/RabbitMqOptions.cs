using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The broker.</summary>
internal sealed class RabbitMqOptions
{
    [Setting("Host, port, virtual host and user, `guest` unless given. A password in it only on this machine.", Allowed = "`amqp://`, `amqps://`")]
    [Required]
    public Uri Uri { get; init; } = new("amqp://localhost/");

    [Setting("Further nodes of the cluster, several with commas: any node is used when the one in `Uri` is away, otherwise as `Uri` says. With TLS every node's certificate must carry the name in `Uri`.", Allowed = "`host`, `host:port`")]
    public string? Hosts { get; init; }

    [Setting("A file with the password. Required beyond this machine.")]
    public string? PasswordFile { get; init; }

    [Setting("Longest wait for the broker's confirmation of one message.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether <see cref="Uri"/> has a password.</summary>
    public bool HasPasswordInUri => Uri.UserInfo.Contains(':', StringComparison.Ordinal);

    /// <summary>User and password, guest and guest unless given; reads <see cref="PasswordFile"/>.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public (string User, string Password) ReadLogin()
    {
        var userInfo = Uri.UserInfo.Split(':', 2);
        var user = userInfo[0].Length > 0 ? Uri.UnescapeDataString(userInfo[0]) : "guest";
        var password = PasswordFile is { } file ? SecretText.Read(file).Reveal()
            : userInfo.Length > 1 ? Uri.UnescapeDataString(userInfo[1]) : "guest";
        return (user, password);
    }

    /// <summary>Host and port only: the address may hold a password.</summary>
    public override string ToString() => $"RabbitMQ at {Uri.Host}:{Uri.Port}";
}

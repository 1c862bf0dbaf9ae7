using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The broker.</summary>
internal sealed class RabbitMqOptions
{
    /// <summary>
    /// <c>amqp</c> or <c>amqps</c>, host, port, virtual host, user name. A password in it is accepted on this machine only. Default
    /// <c>amqp://localhost/</c>, as user guest.
    /// </summary>
    [Required]
    public Uri Uri { get; init; } = new("amqp://localhost/");

    /// <summary>
    /// Further nodes of the cluster, <c>host</c> or <c>host:port</c>, separated by commas: any node is used when the one in <see cref="Uri"/> is away.
    /// Everything else is as in <see cref="Uri"/>. Default none.
    /// </summary>
    public string? Hosts { get; init; }

    /// <summary>A file that holds the password and nothing else. Default none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Longest wait for the broker's confirmation of one message. 100 ms–1 min, default 10 s.</summary>
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

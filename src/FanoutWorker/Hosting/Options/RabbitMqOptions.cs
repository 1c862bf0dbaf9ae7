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

    /// <summary>A file that holds the password and nothing else. Default none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Longest wait for the broker's confirmation of one message. 100 ms–1 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Host and port only: the address may hold a password.</summary>
    public override string ToString() => $"RabbitMQ at {Uri.Host}:{Uri.Port}";
}

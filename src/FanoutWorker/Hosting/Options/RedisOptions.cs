using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The store of token sets and ledger.</summary>
internal sealed class RedisOptions
{
    [Setting("Several with commas: the nodes of one cluster, or one master and its replicas.", Allowed = "`host`, `host:port`")]
    [Required]
    public string Endpoints { get; init; } = "localhost:6379";

    [Setting("A file with the password. Required beyond this machine.")]
    public string? PasswordFile { get; init; }

    [Setting("Whether to speak TLS; the certificate is checked against the machine's trust store. Required beyond this machine.")]
    public bool Tls { get; init; }

    [Setting("First word of every key; installations that share a Redis differ in it.", Allowed = "`a-z 0-9 . _ -`, at most 32")]
    [Required, RegularExpression("^[a-z0-9][a-z0-9._-]{0,31}$")]
    public string KeyPrefix { get; init; } = "pf";

    [Setting("Longest wait for one answer.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The password, null when there is none; reads <see cref="PasswordFile"/>.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public string? ReadPassword() => PasswordFile is { } file ? SecretText.Read(file).Reveal() : null;
}

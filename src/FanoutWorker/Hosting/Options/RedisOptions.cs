using System.ComponentModel.DataAnnotations;

namespace PushFanout.Worker.Hosting;

/// <summary>The store of token sets and ledger.</summary>
internal sealed class RedisOptions
{
    /// <summary>One or more <c>host</c> or <c>host:port</c>, separated by commas; the nodes of one cluster or of one master with replicas. Default <c>localhost:6379</c>.</summary>
    [Required]
    public string Endpoints { get; init; } = "localhost:6379";

    /// <summary>A file that holds the password and nothing else. Default none.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Whether to speak TLS; the certificate is checked against the machine's trust store. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>First word of every key; installations that share a Redis take different ones. Lower-case letters, digits, <c>._-</c>, at most 32. Default <c>pf</c>.</summary>
    [Required, RegularExpression("^[a-z0-9][a-z0-9._-]{0,31}$")]
    public string KeyPrefix { get; init; } = "pf";

    /// <summary>Longest wait for one answer. 100 ms–30 s, default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The password, null when there is none; reads <see cref="PasswordFile"/>.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public string? ReadPassword() => PasswordFile is { } file ? SecretText.Read(file).Reveal() : null;
}

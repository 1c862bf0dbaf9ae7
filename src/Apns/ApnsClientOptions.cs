using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Apns;

/// <summary>Which of Apple's two worlds; a token belongs to exactly one.</summary>
public enum ApnsEnvironment
{
    /// <summary><c>api.push.apple.com</c></summary>
    Production,
    /// <summary><c>api.sandbox.push.apple.com</c></summary>
    Sandbox,
}

/// <summary>Where APNs is and how hard it may be pushed.</summary>
public sealed class ApnsClientOptions
{
    /// <summary>Production or sandbox. Decides the host unless <see cref="EndpointOverride"/> is given.</summary>
    public required ApnsEnvironment Environment { get; init; }
    /// <summary>Scheme <c>https</c>, host and port only; for a simulator or a proxy. Null means Apple.</summary>
    public Uri? EndpointOverride { get; init; }
    /// <summary>The only roots trusted when given (a simulator's own CA); null means the machine's trust store. Certificate checks are never off.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }
    /// <summary>Most connections at a time. 1–64, default 8.</summary>
    public int MaxConnections { get; init; } = 8;
    /// <summary>Longest wait for one answer, from write to status line. 100 ms–1 min, default 10 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Longest wait of a push for a connection or a stream before it is handed back as unprocessed. Default 10 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Streams of all connections together that only urgent sends may use, in percent. 0–50, default 10.</summary>
    public int UrgentReservePercent { get; init; } = 10;
}

/// <summary>How one call of <see cref="ApnsClient"/> sends.</summary>
/// <param name="Urgent">May use the streams kept free for urgent sends.</param>
public readonly record struct ApnsSendOptions(bool Urgent = false);

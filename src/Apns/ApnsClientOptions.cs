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
    /// <summary>The HTTP proxy that leads to APNs; null when there is none in the way. The environment's proxy settings are not looked at.</summary>
    public ApnsProxy? Proxy { get; init; }
    /// <summary>Most connections at a time. 1–64, default 8.</summary>
    public int MaxConnections { get; init; } = 8;
    /// <summary>Longest wait for one answer, from write to status line. 100 ms–1 min, default 10 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Longest wait of a push for a connection or a stream before it is handed back as unprocessed. 100 ms–1 min, default 10 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Streams of all connections together that only urgent sends may use, in percent. 0–50, default 10.</summary>
    public int UrgentReservePercent { get; init; } = 10;
    /// <summary>
    /// Most streams on one connection, whatever the server allows. 1–10,000, default 500: the least that APNs has been seen to
    /// allow, and beyond it more connections serve better than more streams.
    /// </summary>
    public int MaxStreamsPerConnection { get; init; } = 500;
    /// <summary>
    /// Whether the provider token is kept in the server's header table: a hundred and fifty bytes less for each push. Off by default, because Apple asks to send it
    /// as it is; other clients do it, and it works.
    /// </summary>
    public bool IndexAuthorization { get; init; }
    /// <summary>
    /// Hears when a connection was opened, closed or could not be made: once per event, never per push, without secrets. Called from
    /// any thread; must return quickly and never throw.
    /// </summary>
    public Action<ApnsConnectionEvent>? OnConnectionEvent { get; init; }

    /// <summary>Every setting that is out of range, in words; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (!Enum.IsDefined(Environment))
        {
            faults.Add($"{nameof(Environment)} must be production or sandbox.");
        }
        if (EndpointOverride is { } endpoint && !IsBareHttps(endpoint))
        {
            faults.Add($"{nameof(EndpointOverride)} must be https://host[:port] and nothing more.");
        }
        if (Proxy?.Fault is { } proxyFault)
        {
            faults.Add($"{nameof(Proxy)} {proxyFault}.");
        }
        Within(nameof(MaxConnections), MaxConnections, 1, 64);
        Within(nameof(UrgentReservePercent), UrgentReservePercent, 0, 50);
        Within(nameof(MaxStreamsPerConnection), MaxStreamsPerConnection, 1, 10_000);
        Within(nameof(AnswerTimeout), AnswerTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Within(nameof(StartTimeout), StartTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        return faults;

        void Within<T>(string setting, T value, T least, T most) where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            {
                faults.Add($"{setting} must be {least}–{most}, not {value}.");
            }
        }
    }

    /// <summary>The id of the first stream of each connection; odd. Tests begin near the end of all ids.</summary>
    internal int FirstStreamId { get; init; } = 1;

    internal Uri Endpoint => EndpointOverride ?? new Uri(
        Environment == ApnsEnvironment.Production ? "https://api.push.apple.com" : "https://api.sandbox.push.apple.com");

    private static bool IsBareHttps(Uri endpoint) =>
        endpoint.IsAbsoluteUri && endpoint.Scheme == Uri.UriSchemeHttps && endpoint.PathAndQuery == "/" && endpoint.UserInfo.Length == 0
        && endpoint.Fragment.Length == 0;
}

/// <summary>How one call of <see cref="ApnsClient"/> sends.</summary>
/// <param name="Urgent">May use the streams kept free for urgent sends.</param>
/// <param name="Starts">Until when pushes may start; null: as long as the call is not stopped.</param>
public readonly record struct ApnsSendOptions(bool Urgent = false, StartLease? Starts = null);

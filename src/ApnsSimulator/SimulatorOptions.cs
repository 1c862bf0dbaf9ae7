using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.ApnsSimulator;

/// <summary>Which of Apple's two worlds an instance plays; a device token belongs to exactly one.</summary>
public enum SimulatedEnvironment
{
    /// <summary>Plays <c>api.push.apple.com</c>.</summary>
    Production,
    /// <summary>Plays <c>api.sandbox.push.apple.com</c>; answers also carry <c>apns-unique-id</c>.</summary>
    Sandbox,
}

/// <summary>
/// What the simulated APNs is like when it starts. Everything has a default that works: a strict APNs on a free port of the
/// loopback that knows one demo key, any topic and any well-formed device token.
/// </summary>
public sealed class SimulatorOptions
{
    /// <summary>Production or sandbox.</summary>
    public SimulatedEnvironment Environment { get; init; }
    /// <summary>Where both ports listen. Default 127.0.0.1; anything else shows an unprotected control port to the network.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Loopback;
    /// <summary>Names in the server certificate, beside 127.0.0.1 and ::1; the first one is the host of <see cref="SimulatorHost.Endpoint"/>.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = ["localhost"];
    /// <summary>Port of the HTTP/2 endpoint; 0 takes a free one.</summary>
    public int Port { get; init; }
    /// <summary>Port of the control endpoint (plain HTTP/1.1); 0 takes a free one.</summary>
    public int ControlPort { get; init; }
    /// <summary>
    /// Keeps the authority (<c>ca.pem</c>, <c>ca.key</c>) and the demo key over restarts. Null: a temporary folder that goes with the simulator.
    /// </summary>
    public string? DataDirectory { get; init; }
    /// <summary>Takes the place of the certificate that the simulator makes, for example one that has expired.</summary>
    public X509Certificate2? ServerCertificate { get; init; }
    /// <summary>Client certificates that may push without a provider token.</summary>
    public IReadOnlyList<SimulatorClientCertificate> ClientCertificates { get; init; } = [];

    /// <summary>The provider keys known at start. None: one demo key is made, see <see cref="SimulatorHost.DemoKeyFile"/>.</summary>
    public IReadOnlyList<SimulatorKey> Keys { get; init; } = [];
    /// <summary>Team of the demo key, 10 characters.</summary>
    public string DemoTeamId { get; init; } = "DEMOTEAM01";
    /// <summary>Id of the demo key, 10 characters.</summary>
    public string DemoKeyId { get; init; } = "DEMOKEY001";
    /// <summary>Bundle ids that exist (without the suffix of a push type); another one is <c>BadTopic</c>. Empty: any.</summary>
    public IReadOnlyCollection<string> Topics { get; init; } = [];

    /// <summary>
    /// True refuses what the standard for provider tokens does not allow but many tools send: DER signatures, base64 padding, <c>iat</c>
    /// as text, claims and header fields beyond <c>alg</c>, <c>kid</c>, <c>iss</c>, <c>iat</c>.
    /// </summary>
    public bool StrictProviderToken { get; init; } = true;
    /// <summary>Shortest time between two changes of the provider token on one connection. Default 20 min; zero switches the check off.</summary>
    public TimeSpan ProviderTokenUpdateInterval { get; init; } = TimeSpan.FromMinutes(20);
    /// <summary>True: a key of the other environment is <c>BadEnvironmentKeyIdInToken</c>, as documented; false: <c>BadEnvironmentKeyInToken</c>, as seen.</summary>
    public bool DocumentedEnvironmentKeyReason { get; init; }
    /// <summary>True refuses a background push with priority 10 as <c>BadPriority</c>; false accepts it and reports it as a finding.</summary>
    public bool RefuseBackgroundAtPriority10 { get; init; }

    /// <summary>The stream limit of the first SETTINGS. 1–10,000, default 1000.</summary>
    public int MaxStreamsPerConnection { get; init; } = 1000;
    /// <summary>How connections are treated; <see cref="ConnectionRules.Strict"/> as Apple treats them. Default: leniently.</summary>
    public ConnectionRules Rules { get; init; } = ConnectionRules.Lenient;
    /// <summary>How many bytes of bodies may be under way on one connection. Default 65,535, as Apple's.</summary>
    public int ConnectionWindowBytes { get; init; } = 65_535;
    /// <summary>Time between the acceptance of a push and its answer, at start.</summary>
    public AnswerLatency Latency { get; init; } = AnswerLatency.None;

    /// <summary>Share of all tokens, picked by hash, that are answered 410 <c>Unregistered</c>. 0–1.</summary>
    public double UnregisteredShare { get; init; }
    /// <summary>Share of all tokens, picked by hash, that are answered 410 <c>ExpiredToken</c>. 0–1.</summary>
    public double ExpiredShare { get; init; }
    /// <summary>Share of all tokens, picked by hash, that are answered <c>BadDeviceToken</c>. 0–1.</summary>
    public double BadTokenShare { get; init; }
    /// <summary>Share of all tokens, picked by hash, that are answered <c>DeviceTokenNotForTopic</c>. 0–1.</summary>
    public double WrongTopicShare { get; init; }
    /// <summary>The <c>timestamp</c> of a 410 that the shares decide; null is the moment of the answer.</summary>
    public DateTimeOffset? UnregisteredSince { get; init; }
    /// <summary>Pushes to one token within <see cref="DeviceBurstWindow"/> before it is answered 429 <c>TooManyRequests</c>; 0 never.</summary>
    public int DeviceBurst { get; init; }
    /// <summary>The window of <see cref="DeviceBurst"/>.</summary>
    public TimeSpan DeviceBurstWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Random faults at start.</summary>
    public FaultPlan Faults { get; init; } = FaultPlan.None;
    /// <summary>Decides which tokens the shares pick, and the dice of the faults and latencies.</summary>
    public int Seed { get; init; } = 1;
    /// <summary>Pushes remembered one by one (32 bytes each, and 11 to 22 more to know duplicates); those beyond are only counted.</summary>
    public int MaxRecordedPushes { get; init; } = 10_000_000;
    /// <summary>Notifications told apart by their collapse id, at most 16 million; those beyond share one entry.</summary>
    public int MaxNotifications { get; init; } = 1_000_000;
    /// <summary>The clock of provider tokens, timestamps and delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long a connection that is done waits for the client to close its side.</summary>
    internal TimeSpan LongestLinger { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a connection that is to go waits for streams that it will not handle, or for the client to have read why.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    internal void Check()
    {
        var faults = new List<string>();
        if (HostNames.Count == 0)
        {
            faults.Add($"{nameof(HostNames)} needs a name.");
        }
        Range(nameof(MaxStreamsPerConnection), MaxStreamsPerConnection, 1, 10_000);
        Range(nameof(Rules.StreamsBeforeAuthentication), Rules.StreamsBeforeAuthentication ?? 1, 1, MaxStreamsPerConnection);
        Range(nameof(Rules.StreamsAfterRejection), Rules.StreamsAfterRejection ?? 1, 1, MaxStreamsPerConnection);
        Range(nameof(Rules.MaxRejections), Rules.MaxRejections, 0, int.MaxValue);
        Range(nameof(Rules.MaxConnectionsPerMinute), Rules.MaxConnectionsPerMinute, 0, int.MaxValue);
        Range(nameof(Rules.StreamWindowBytes), Rules.StreamWindowBytes, 1, PushServer.StreamWindowBytes);
        Range(nameof(ConnectionWindowBytes), ConnectionWindowBytes, 65_535, int.MaxValue);
        Range(nameof(UnregisteredShare), UnregisteredShare, 0, 1);
        Range(nameof(ExpiredShare), ExpiredShare, 0, 1);
        Range(nameof(BadTokenShare), BadTokenShare, 0, 1);
        Range(nameof(WrongTopicShare), WrongTopicShare, 0, 1);
        Range(nameof(DeviceBurst), DeviceBurst, 0, int.MaxValue);
        Range(nameof(MaxRecordedPushes), MaxRecordedPushes, 0, 1_000_000_000);
        Range(nameof(MaxNotifications), MaxNotifications, 2, StoredPush.MaxNotifications);
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }

        void Range(string name, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
            {
                faults.Add($"{name} lies between {least} and {most}.");
            }
        }
    }
}

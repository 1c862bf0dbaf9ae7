using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// An APNs as strict as Apple's that runs on this machine, keeps books about every push, and breaks on demand. Starts with
/// <see cref="StartAsync"/>; disposing it ends all connections.
/// </summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly SimulatorFiles files;
    private readonly SimulatorAuthority authority;
    private readonly KeyRing keys;
    private readonly FaultScript faults;
    private readonly FaultTally struck = new();
    private readonly LintFindings findings = new();
    private readonly PushConnections connections;
    private readonly PushEndpoint endpoint;
    private readonly WebApplication pushServer;
    private readonly WebApplication controlServer;

    private SimulatorHost(SimulatorOptions options)
    {
        options.Check();
        Options = options;
        keys = new KeyRing();
        foreach (var key in options.Keys)
        {
            keys.Add(key);
        }
        files = SimulatorFiles.Open(options.DataDirectory);
        authority = SimulatorAuthority.Open(files.AuthorityFile, files.AuthorityKeyFile, options.TimeProvider);
        if (options.Keys.Count == 0)
        {
            DemoKeyFile = files.DemoKeyFile(options.DemoKeyId);
            keys.Add(files.OpenDemoKey(options.DemoTeamId, options.DemoKeyId));
        }
        Tokens = new TokenWorld(options);
        Recorder = new PushRecorder(options.MaxRecordedPushes, options.MaxNotifications, options.TimeProvider);
        faults = new FaultScript(new Dice(options.Seed), options.Faults);
        connections = new PushConnections(options.TimeProvider, findings);
        var verifier = new ProviderTokenVerifier(keys, options.StrictProviderToken, options.TimeProvider);
        var credentials = new CredentialChecks(options, verifier);
        endpoint = new PushEndpoint(options, new PushExamination(options, credentials, findings), Tokens, faults, Recorder, struck);
        var certificate = options.ServerCertificate ?? authority.IssueServerCertificate(options.HostNames);
        pushServer = PushServer.Build(options, certificate, connections, endpoint, findings);
        controlServer = ControlServer.Build(options, this);
    }

    /// <summary>How it was started.</summary>
    public SimulatorOptions Options { get; }
    /// <summary>Where to push to: <c>https</c>, host and port.</summary>
    public Uri Endpoint { get; private set; } = null!;
    /// <summary>Where to ask and to steer, over plain HTTP.</summary>
    public Uri ControlEndpoint { get; private set; } = null!;
    /// <summary>The root certificate that clients have to trust.</summary>
    public X509Certificate2 Authority => authority.Certificate;
    /// <summary>The same as a PEM file.</summary>
    public string AuthorityFile => files.AuthorityFile;
    /// <summary>The same as a client's trust list.</summary>
    public X509Certificate2Collection TrustedRoots => [Authority];
    /// <summary>The demo key's <c>.p8</c> file; null when <see cref="SimulatorOptions.Keys"/> named keys.</summary>
    public string? DemoKeyFile { get; }
    /// <summary>Which tokens are good; may be changed at any time.</summary>
    public TokenWorld Tokens { get; }
    /// <summary>What was answered.</summary>
    public PushRecorder Recorder { get; }
    /// <summary>Random faults; may be changed at any time.</summary>
    public FaultPlan Faults { get => faults.Plan; set => faults.Plan = value; }
    /// <summary>Time between acceptance and answer; may be changed at any time.</summary>
    public AnswerLatency Latency { get => endpoint.Latency; set => endpoint.Latency = value; }
    /// <summary>What clients did without being refused, and should not.</summary>
    public IReadOnlyDictionary<Finding, long> Findings => findings.Made();

    /// <summary>Everything in numbers.</summary>
    public SimulatorStats Stats => new()
    {
        Accepted = Recorder.Accepted,
        Answered = Recorder.Answered,
        Duplicates = Recorder.Duplicates,
        NotRemembered = Recorder.NotRemembered,
        ByStatus = Recorder.ByStatus,
        ByReason = Recorder.ByReason,
        Faults = struck.Struck(),
        Notifications = Recorder.DifferentNotifications,
        ConnectionsOpen = connections.Open,
        ConnectionsTotal = connections.Total,
        RequestsInFlight = endpoint.InFlight,
    };

    /// <summary>Starts a simulator; it answers when the task is done.</summary>
    /// <exception cref="IOException">A port is taken, or the data directory cannot be used.</exception>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new SimulatorHost(options);
        try
        {
            await host.pushServer.StartAsync(cancellation);
            await host.controlServer.StartAsync(cancellation);
            host.Endpoint = new UriBuilder(Uri.UriSchemeHttps, options.HostNames[0], PortOf(host.pushServer)).Uri;
            host.ControlEndpoint = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", PortOf(host.controlServer)).Uri;
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a key known, or replaces the one with its id.</summary>
    public void AddKey(SimulatorKey key) => keys.Add(key);

    /// <summary>Revokes a key: its provider tokens are invalid from now on.</summary>
    public bool RemoveKey(string keyId) => keys.Remove(keyId);

    /// <summary>Lets a fault happen to the next pushes that would else be accepted, after those ordered before.</summary>
    public void StrikeNext(Fault fault, int times = 1) => faults.Order(fault, times);

    /// <summary>Answers the next pushes that would else be accepted in this way.</summary>
    public void AnswerNext(int status, string reason, int times = 1, TimeSpan? retryAfter = null) =>
        StrikeNext(Fault.Answer(status, reason, retryAfter: retryAfter), times);

    /// <summary>Drops every open connection without a word.</summary>
    public void DropConnections() => connections.DropAll();

    /// <summary>Closes every open connection by GOAWAY; unless the frame says otherwise, what is under way is still answered.</summary>
    public void SendGoAway(GoAwayFrame? frame = null) => connections.SendGoAwayToAll(frame ?? new());

    /// <summary>Gives every connection, open or to come, a stream limit in place of what the rules say; null takes that back.</summary>
    public void LimitStreams(int? limit) => connections.LimitStreams(limit);

    /// <summary>Lets the PINGs of every connection, open or to come, be answered or left alone.</summary>
    public void AnswerPings(bool answered) => connections.AnswerPings(answered);

    /// <summary>Sends so many frames to every open connection that a client should take them for an attack.</summary>
    public void Flood(FloodFrame frame, int count) => connections.FloodAll(frame, count);

    /// <summary>Lets every open connection go dead without closing it: nothing is read, nothing is sent, no PING is answered. New ones work.</summary>
    public void FreezeConnections() => connections.FreezeAll();

    /// <summary>Lets frozen connections go on where they stopped.</summary>
    public void ThawConnections() => connections.ThawAll();

    /// <summary>Forgets what happened; faults, scripts and open connections stay.</summary>
    public void Reset()
    {
        Recorder.Reset();
        struck.Reset();
        findings.Reset();
    }

    /// <summary>Takes back every fault, script, share, stream limit and freeze, and answers at once again.</summary>
    public void Heal()
    {
        ThawConnections();
        connections.LimitStreams(null);
        connections.AnswerPings(true);
        faults.Clear();
        Tokens.Clear();
        Latency = AnswerLatency.None;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        endpoint.Stop();
        connections.DropAll();
        await pushServer.DisposeAsync();
        await controlServer.DisposeAsync();
        endpoint.Dispose();
        authority.Dispose();
        files.Dispose();
    }

    private static int PortOf(WebApplication server) => new Uri(server.Urls.First()).Port;
}

using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using PushFanout.ApnsSimulator;

namespace PushFanout.Apns.Tests.Kit;

/// <summary>A simulator of a test's own, the key it knows, and clients that talk to it.</summary>
internal sealed class SimulatedApns : IAsyncDisposable
{
    private static readonly Finding[] Harmless = [Finding.ConnectionsInOneMinute, Finding.ProviderTokenChanged, Finding.AuthorizationIndexed];

    private readonly List<ApnsClient> clients = [];

    private SimulatedApns(SimulatorHost simulator, ApnsCredential credential)
    {
        Simulator = simulator;
        Credential = credential;
    }

    public SimulatorHost Simulator { get; }

    public ApnsCredential Credential { get; }

    /// <summary>What every client of this test has told about its connections.</summary>
    public ConcurrentQueue<ApnsConnectionEvent> Events { get; } = new();

    public static async Task<SimulatedApns> StartAsync(SimulatorOptions? options = null, TimeProvider? keyClock = null)
    {
        options ??= new SimulatorOptions();
        var simulator = await SimulatorHost.StartAsync(options);
        var credential = ProviderTokenKey.Load(options.DemoTeamId, options.DemoKeyId, simulator.DemoKeyFile!, keyClock);
        return new SimulatedApns(simulator, credential.Credential!);
    }

    /// <summary>A simulator that treats connections as Apple does.</summary>
    public static Task<SimulatedApns> StartStrictAsync(Func<ConnectionRules, ConnectionRules>? but = null, int maxStreams = 1000) => StartAsync(new SimulatorOptions
    {
        Rules = (but ?? (rules => rules))(ConnectionRules.Strict),
        MaxStreamsPerConnection = maxStreams,
    });

    /// <summary>Checks that no client did what Apple asks clients not to do.</summary>
    public void ExpectGoodManners() => Assert.Empty(Simulator.Findings.Keys.Except(Harmless));

    /// <summary>Lets a fault strike the push after so many that would be accepted.</summary>
    public void AfterPushes(int pushes, Fault fault)
    {
        Simulator.StrikeNext(Fault.Delay(TimeSpan.Zero), pushes);
        Simulator.StrikeNext(fault);
    }

    public ApnsClient NewClient(
        int maxConnections = 1,
        double answerTimeout = 10,
        double startTimeout = 10,
        int maxStreams = 500,
        int urgentReserve = 10,
        ApnsCredential? credential = null,
        X509Certificate2Collection? trustedRoots = null,
        TimeProvider? clock = null)
    {
        var client = new ApnsClient(credential ?? Credential, new ApnsClientOptions
        {
            Environment = ApnsEnvironment.Production,
            EndpointOverride = Simulator.Endpoint,
            TrustedRoots = trustedRoots ?? Simulator.TrustedRoots,
            MaxConnections = maxConnections,
            MaxStreamsPerConnection = maxStreams,
            UrgentReservePercent = urgentReserve,
            AnswerTimeout = TimeSpan.FromSeconds(answerTimeout),
            StartTimeout = TimeSpan.FromSeconds(startTimeout),
            OnConnectionEvent = Events.Enqueue,
        }, clock);
        clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Simulator.Heal();
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        Credential.Dispose();
        await Simulator.DisposeAsync();
    }
}

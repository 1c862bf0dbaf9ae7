using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PushFanout.ApnsSimulator;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;

namespace PushFanout.Cli;

/// <summary>
/// A worker and an APNs simulator in this process, introduced to each other: real TLS, a real provider token, one app. The key
/// and the authority are in a temporary folder that goes with it.
/// </summary>
internal sealed class EmbeddedInstallation : IAsyncDisposable
{
    public const string App = "shop-ios";
    public const string Topic = "com.example.shop";

    private readonly IHost _worker;

    private EmbeddedInstallation(SimulatorHost apns, IHost worker) => (Apns, _worker) = (apns, worker);

    public SimulatorHost Apns { get; }

    public ITokenCache Devices => _worker.Services.GetRequiredService<ITokenCache>();

    public IBrakeBooks Brakes => _worker.Services.GetRequiredService<IBrakeBooks>();

    public NotificationSteering Steering => _worker.Services.GetRequiredService<NotificationSteering>();

    public INotificationLedger Ledger => _worker.Services.GetRequiredService<INotificationLedger>();

    public MessageSender Sender => _worker.Services.GetRequiredService<MessageSender>();

    public PushFanoutOptions Options => _worker.Services.GetRequiredService<PushFanoutOptions>();

    /// <summary>Fires when the worker gives up by itself; its log says why.</summary>
    public CancellationToken Stopping => _worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

    /// <param name="unregisteredShare">Share of all tokens that the simulator calls unregistered.</param>
    /// <param name="settings">Further settings of the worker.</param>
    /// <exception cref="UnusableSettingsException">The worker cannot work with the settings.</exception>
    public static async Task<EmbeddedInstallation> StartAsync(double unregisteredShare, IReadOnlyDictionary<string, string?> settings, CancellationToken stop)
    {
        var apns = await SimulatorHost.StartAsync(new SimulatorOptions { Topics = [Topic], UnregisteredShare = unregisteredShare }, stop);
        try
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(SettingsFor(apns)).AddInMemoryCollection(settings).Build();
            var worker = WorkerHost.Build(WorkerSettings.Check(configuration), configuration, SignalFreeLifetime.Use);
            var installation = new EmbeddedInstallation(apns, worker);
            await worker.StartAsync(stop);
            return installation;
        }
        catch
        {
            await apns.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync();
        _worker.Dispose();
        await Apns.DisposeAsync();
    }

    private static Dictionary<string, string?> SettingsFor(SimulatorHost apns) => new()
    {
        ["PushFanout:Apns:EndpointOverride"] = apns.Endpoint.ToString(),
        ["PushFanout:Apns:TrustedCaFile"] = apns.AuthorityFile,
        ["PushFanout:Credentials:simulator:Kind"] = "p8",
        ["PushFanout:Credentials:simulator:TeamId"] = apns.Options.DemoTeamId,
        ["PushFanout:Credentials:simulator:KeyId"] = apns.Options.DemoKeyId,
        ["PushFanout:Credentials:simulator:KeyFile"] = apns.DemoKeyFile,
        [$"PushFanout:Apps:{App}:Topic"] = Topic,
        [$"PushFanout:Apps:{App}:Environment"] = "production",
        [$"PushFanout:Apps:{App}:Credential"] = "simulator",
    };
}

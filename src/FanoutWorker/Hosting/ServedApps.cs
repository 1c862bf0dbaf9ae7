using System.Security.Cryptography.X509Certificates;
using PushFanout.Apns;

namespace PushFanout.Worker.Hosting;

/// <summary>Makes the apps that this worker serves from its options: one APNs client per credential and environment, shared by the apps that use both.</summary>
internal sealed class ServedApps : IAsyncDisposable
{
    private readonly Dictionary<(string Credential, ApnsEnvironment Environment), ApnsClient> _clients = [];

    public ServedApps(PushFanoutOptions options, CredentialSet credentials, X509Certificate2Collection? trustedRoots, TimeProvider clock)
    {
        var apps = new Dictionary<string, ServedApp>();
        foreach (var (name, app) in options.Apps)
        {
            var key = (app.Credential, Environment: app.Environment!.Value);
            if (!_clients.TryGetValue(key, out var client))
            {
                client = new ApnsClient(credentials.ByName[app.Credential], ClientOptions(options.Apns, key.Environment, trustedRoots), clock);
                _clients.Add(key, client);
            }
            apps.Add(name, new ServedApp(name, app, client));
        }
        Catalog = new AppCatalog(apps);
    }

    public AppCatalog Catalog { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
    }

    private static ApnsClientOptions ClientOptions(ApnsOptions options, ApnsEnvironment environment, X509Certificate2Collection? trustedRoots) => new()
    {
        Environment = environment,
        EndpointOverride = options.EndpointOverride,
        TrustedRoots = trustedRoots,
        MaxConnections = options.MaxConnectionsPerApp,
        AnswerTimeout = options.AnswerTimeout,
    };
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PushFanout.Apns;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting;

/// <summary>Makes the apps that this worker serves from its options: one APNs client per credential and environment, shared by the apps that use both.</summary>
internal sealed class ServedApps : IAsyncDisposable
{
    private readonly Dictionary<(string Credential, ApnsEnvironment Environment), ApnsClient> _clients = [];

    public ServedApps(PushFanoutOptions options, CredentialSet credentials, X509Certificate2Collection? trustedRoots, ApnsMetrics metrics, TimeProvider clock)
    {
        foreach (var (name, credential) in credentials.ByName)
        {
            metrics.Watch(name, credential);
        }
        var apps = new Dictionary<string, ServedApp>();
        foreach (var (name, app) in options.Apps)
        {
            var key = (app.Credential, Environment: app.Environment!.Value);
            if (!_clients.TryGetValue(key, out var client))
            {
                client = new ApnsClient(credentials.ByName[app.Credential], ClientOptions(options.Apns, key.Environment, trustedRoots), clock);
                _clients.Add(key, client);
                metrics.Watch(key.Credential, key.Environment, client);
            }
            apps.Add(name, new ServedApp(name, app, client, ApproachOf(app, options.Credentials[app.Credential], options.Apns)));
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

    /// <summary>A short hash: long enough to tell settings apart, and of a key file it says nothing.</summary>
    private static string ApproachOf(AppOptions app, CredentialOptions credential, ApnsOptions apns)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string?[])[app.Topic, app.Environment.ToString(), credential.Kind.ToString(), credential.TeamId, credential.KeyId, apns.EndpointOverride?.ToString()])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part + "\n"));
        }
        hash.AppendData(File.ReadAllBytes(credential.KeyFile ?? credential.CertificateFile ?? ""));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
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

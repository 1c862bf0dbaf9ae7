using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using PushFanout.Apns;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting;

/// <summary>A client that was replaced, with the credential that it used: batches that began with it end with it.</summary>
/// <param name="Apps">The apps as they were served through it.</param>
/// <param name="Credential">May be that of several clients.</param>
internal sealed record RetiredClient(ApnsClient Client, IReadOnlyList<ServedApp> Apps, ApnsCredential Credential);

/// <summary>
/// Makes the apps that this worker serves from its options: one APNs client per credential and environment, shared by the apps that use both.
/// Changes come from <see cref="Reload.ConfigurationWatch"/>, one at a time.
/// </summary>
internal sealed class ServedApps : IAsyncDisposable
{
    private readonly Dictionary<(string Credential, ApnsEnvironment Environment), ApnsClient> _clients = [];
    private readonly Dictionary<string, ApnsCredential> _credentials;
    private readonly Dictionary<string, (ServedApp App, DateTimeOffset Until)> _leaving = [];
    private readonly PushFanoutOptions _options;
    private readonly X509Certificate2Collection? _trustedRoots;
    private readonly ApnsMetrics _metrics;
    private readonly ApnsConnectionLog _log;
    private readonly TimeProvider _clock;
    private Dictionary<string, ServedApp> _apps = [];

    public ServedApps(
        PushFanoutOptions options, CredentialSet credentials, X509Certificate2Collection? trustedRoots, ApnsMetrics metrics, ApnsConnectionLog log, TimeProvider clock)
    {
        (_options, _trustedRoots, _metrics, _log, _clock) = (options, trustedRoots, metrics, log, clock);
        _credentials = new(credentials.ByName);
        foreach (var (name, credential) in _credentials)
        {
            metrics.Watch(name, credential);
        }
        Apply(options.Apps);
    }

    public AppCatalog Catalog { get; } = new();

    /// <summary>
    /// Serves these apps from now on. One that is not among them any more takes no requests; what it was asked before goes on for its default deadline.
    /// </summary>
    public void Apply(IReadOnlyDictionary<string, AppOptions> apps)
    {
        var now = _clock.GetUtcNow();
        foreach (var (name, app) in _apps.Where(app => !apps.ContainsKey(app.Key)))
        {
            _leaving[name] = (app, now + app.Options.DefaultDeadline);
        }
        _apps = apps.ToDictionary(app => app.Key, app => Serve(app.Key, app.Value));
        foreach (var name in _leaving.Where(app => apps.ContainsKey(app.Key) || app.Value.Until <= now).Select(app => app.Key).ToList())
        {
            _leaving.Remove(name);
        }
        Publish();
    }

    /// <summary>Sends with this credential from now on: another key or certificate under the same name.</summary>
    /// <returns>The clients of the old one, to be disposed when nothing is sent through them any more.</returns>
    public IReadOnlyList<RetiredClient> Renew(string credential, ApnsCredential renewed)
    {
        var old = _credentials[credential];
        var before = _apps.Values.Concat(_leaving.Values.Select(app => app.App)).ToList();
        _credentials[credential] = renewed;
        _metrics.Watch(credential, renewed);
        var retired = new List<RetiredClient>();
        foreach (var (key, client) in _clients.Where(client => client.Key.Credential == credential).ToList())
        {
            _clients.Remove(key);
            retired.Add(new RetiredClient(client, [.. before.Where(app => ReferenceEquals(app.Apns, client))], old));
        }
        _apps = _apps.ToDictionary(app => app.Key, app => Serve(app.Key, app.Value.Options));
        foreach (var (name, (app, until)) in _leaving.ToList())
        {
            _leaving[name] = (Serve(name, app.Options), until);
        }
        Publish();
        if (retired.Count == 0)
        {
            old.Dispose();
        }
        return retired;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            await client.DisposeAsync();
        }
        foreach (var credential in _credentials.Values)
        {
            credential.Dispose();
        }
    }

    private void Publish() => Catalog.Replace(_apps, _leaving.ToDictionary(app => app.Key, app => app.Value.App));

    private ServedApp Serve(string name, AppOptions app)
    {
        var key = (app.Credential, Environment: app.Environment!.Value);
        if (!_clients.TryGetValue(key, out var client))
        {
            client = new ApnsClient(_credentials[app.Credential], ClientOptions(key.Credential, key.Environment), _clock);
            _clients.Add(key, client);
            _metrics.Watch(key.Credential, key.Environment, client);
        }
        var served = new ServedApp(name, app, client, ApproachOf(app));
        return _apps.GetValueOrDefault(name) is { } same && same.Apns == client && same.Approach == served.Approach && same.Options == app ? same : served;
    }

    /// <summary>A short hash: long enough to tell settings apart, and of a key file it says nothing.</summary>
    private string ApproachOf(AppOptions app)
    {
        var credential = _options.Credentials[app.Credential];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string?[])[app.Topic, app.Environment.ToString(), _credentials[app.Credential].ToString(), _options.Apns.EndpointOverride?.ToString()])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part + "\n"));
        }
        hash.AppendData(CredentialFiles.DigestOf(credential));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
    }

    private ApnsClientOptions ClientOptions(string credential, ApnsEnvironment environment) => new()
    {
        Environment = environment,
        EndpointOverride = _options.Apns.EndpointOverride,
        TrustedRoots = _trustedRoots,
        MaxConnections = _options.Apns.MaxConnectionsPerApp,
        AnswerTimeout = _options.Apns.AnswerTimeout,
        OnConnectionEvent = happened => _log.Write(credential, happened),
    };
}

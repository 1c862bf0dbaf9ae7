using PushFanout.Apns;

namespace PushFanout.Worker.Hosting;

/// <summary>An app that this worker serves: its settings, and the client that reaches its devices.</summary>
/// <param name="Name">As in messages and keys.</param>
/// <param name="Apns">Shared by all apps with the same credential and environment.</param>
/// <param name="Approach">
/// Names how APNs is approached: topic, environment, credential. Trust earned with one is not trust in another: a setting that was
/// changed may be wrong.
/// </param>
internal sealed record ServedApp(string Name, AppOptions Options, ApnsClient Apns, string Approach)
{
    public override string ToString() => Name;
}

/// <summary>The apps of this worker by name. They change while it runs when <see cref="PushFanoutOptions.AppsDirectory"/> or a credential does; who holds one goes on with it.</summary>
internal sealed class AppCatalog
{
    private volatile Apps _apps = new(new Dictionary<string, ServedApp>(), new Dictionary<string, ServedApp>());

    /// <summary>The apps that take requests.</summary>
    public IEnumerable<ServedApp> All => _apps.Open.Values;

    /// <summary>The app, or null when this worker does not know it; also one that takes no more requests and still sends what it was asked before.</summary>
    public ServedApp? Find(string name) => _apps is var apps && apps.Open.TryGetValue(name, out var app) ? app : apps.Leaving.GetValueOrDefault(name);

    /// <summary>The app if it takes requests; null otherwise.</summary>
    public ServedApp? FindOpen(string name) => _apps.Open.GetValueOrDefault(name);

    /// <param name="open">Those that take requests.</param>
    /// <param name="leaving">Those that were removed and have work left.</param>
    public void Replace(IReadOnlyDictionary<string, ServedApp> open, IReadOnlyDictionary<string, ServedApp> leaving) => _apps = new Apps(open, leaving);

    private sealed record Apps(IReadOnlyDictionary<string, ServedApp> Open, IReadOnlyDictionary<string, ServedApp> Leaving);
}

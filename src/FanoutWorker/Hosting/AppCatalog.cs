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

/// <summary>The apps of this worker by name.</summary>
internal sealed class AppCatalog(IReadOnlyDictionary<string, ServedApp> apps)
{
    public IEnumerable<ServedApp> All => apps.Values;

    /// <summary>The app, or null when this worker does not know it.</summary>
    public ServedApp? Find(string name) => apps.GetValueOrDefault(name);
}

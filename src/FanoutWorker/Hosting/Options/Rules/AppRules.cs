using PushFanout.Contracts;

namespace PushFanout.Worker.Hosting;

/// <summary>Each app has a name that messages can carry, a credential that exists, and sources that can be.</summary>
internal static class AppRules
{
    public static void Check(PushFanoutOptions options, SettingFaults faults)
    {
        if (options.Apps.Count == 0 && options.AppsDirectory is null)
        {
            faults.Add("Apps", "must name at least one app, unless AppsDirectory is given");
        }
        foreach (var (name, app) in options.Apps)
        {
            Check($"Apps:{name}", name, app, options.Credentials, faults);
        }
        if (options.AppsDirectory is { } directory)
        {
            AddFiles(directory, options, faults);
        }
    }

    /// <param name="setting">Where the app is set.</param>
    public static void Check(
        string setting, string name, AppOptions app, IReadOnlyDictionary<string, CredentialOptions> credentials, SettingFaults faults)
    {
        if (!ContractNames.IsApp(name))
        {
            faults.Add(setting, $"must have a name that matches {ContractNames.AppPattern}");
        }
        if (app.Credential.Length > 0 && !credentials.ContainsKey(app.Credential))
        {
            faults.Add($"{setting}:Credential", "names no entry of Credentials");
        }
        if (!faults.Concerns($"{setting}:AllowedSources")
            && (app.AllowedSources.Count == 0 || app.AllowedSources.Any(source => source != "*" && !ContractNames.IsSource(source))))
        {
            faults.Add($"{setting}:AllowedSources", $"must list at least one source, each * or matching {ContractNames.SourcePattern}");
        }
    }

    private static void AddFiles(string directory, PushFanoutOptions options, SettingFaults faults)
    {
        foreach (var (name, app) in AppFiles.Read(directory, options, faults).ToList())
        {
            options.Apps.Add(name, app);
            options.AppsFromFiles.Add(name);
        }
    }
}

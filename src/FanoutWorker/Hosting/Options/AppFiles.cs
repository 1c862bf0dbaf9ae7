using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Hosting;

/// <summary>The folder <see cref="PushFanoutOptions.AppsDirectory"/>: each <c>name.json</c> is an app.</summary>
internal static class AppFiles
{
    private const string Extension = ".json";
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>Reads every file of the folder; one with a fault is left out and the fault named <c>PushFanout:AppsDirectory:name.json:…</c>.</summary>
    public static IReadOnlyDictionary<string, AppOptions> Read(
        string directory, IReadOnlyDictionary<string, CredentialOptions> credentials, SettingFaults faults)
    {
        var apps = new Dictionary<string, AppOptions>();
        foreach (var path in FilesOf(directory, faults))
        {
            var setting = "AppsDirectory:" + Path.GetFileName(path);
            if (ReadFile(path, setting, faults) is not { } app)
            {
                continue;
            }
            var name = Path.GetFileNameWithoutExtension(path);
            AppRules.Check(setting, name, app, credentials, faults);
            if (!faults.Concerns(setting))
            {
                apps.Add(name, app);
            }
        }
        return apps;
    }

    private static List<string> FilesOf(string directory, SettingFaults faults)
    {
        try
        {
            // Kubernetes mounts a config map with folders and links whose names begin with a dot beside the files.
            return [.. Directory.EnumerateFiles(directory, "*" + Extension).Where(path => Path.GetFileName(path)[0] != '.').Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add("AppsDirectory", $"{directory}: the folder cannot be read ({e.GetType().Name})");
            return [];
        }
    }

    private static AppOptions? ReadFile(string path, string setting, SettingFaults faults)
    {
        if (!ReadableFile.TryRead(path, MaxFileBytes, secret: false, out var content, out var fault))
        {
            faults.Add(setting, fault);
            return null;
        }
        try
        {
            var file = new ConfigurationBuilder().AddJsonStream(new MemoryStream(content)).Build();
            var root = ConfigurationPath.Combine(PushFanoutOptions.SectionName, setting);
            var placed = new ConfigurationBuilder()
                .AddInMemoryCollection(file.AsEnumerable().Select(entry => KeyValuePair.Create(ConfigurationPath.Combine(root, entry.Key), entry.Value)))
                .Build();
            return new SettingsBinder(faults).Bind<AppOptions>(placed.GetSection(root));
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            faults.Add(setting, "the file is not a JSON object");
            return null;
        }
    }
}

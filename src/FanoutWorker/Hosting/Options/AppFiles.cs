using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Hosting;

/// <summary>The folder <see cref="PushFanoutOptions.AppsDirectory"/>: each <c>name.json</c> is an app.</summary>
internal static class AppFiles
{
    private const string Extension = ".json";
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>Reads every file of the folder; one with a fault is left out and the fault named <c>PushFanout:AppsDirectory:name.json:…</c>.</summary>
    public static IEnumerable<(string Name, AppOptions App)> Read(string directory, PushFanoutOptions options, SettingFaults faults)
    {
        foreach (var path in List(directory, faults) ?? [])
        {
            if (ReadFile(path, options, faults) is { } app)
            {
                yield return (Path.GetFileNameWithoutExtension(path), app);
            }
        }
    }

    /// <returns>The files, or null together with a fault.</returns>
    public static IReadOnlyList<string>? List(string directory, SettingFaults faults)
    {
        try
        {
            // Kubernetes mounts a config map with folders and links whose names begin with a dot beside the files.
            return [.. Directory.EnumerateFiles(directory, "*" + Extension).Where(path => Path.GetFileName(path)[0] != '.').Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add("AppsDirectory", $"{directory}: the folder cannot be read ({e.GetType().Name})");
            return null;
        }
    }

    /// <returns>What the file says; null together with faults.</returns>
    public static AppOptions? ReadFile(string path, PushFanoutOptions options, SettingFaults faults)
    {
        var setting = "AppsDirectory:" + Path.GetFileName(path);
        var name = Path.GetFileNameWithoutExtension(path);
        if (options.Apps.ContainsKey(name) && !options.AppsFromFiles.Contains(name))
        {
            faults.Add(setting, "names an app that is in Apps already");
            return null;
        }
        if (Bind(path, setting, faults) is not { } app)
        {
            return null;
        }
        AppRules.Check(setting, name, app, options.Credentials, faults);
        return faults.Concerns(setting) ? null : app;
    }

    /// <summary>A hash of names and contents, to see a change.</summary>
    public static byte[] DigestOf(string directory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in List(directory, new SettingFaults()) ?? ["unreadable"])
        {
            var content = ReadableFile.TryRead(path, MaxFileBytes, secret: false, out var read, out _) ? read : [];
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\n{content.Length}\n"));
            hash.AppendData(content);
        }
        return hash.GetHashAndReset();
    }

    public static bool SameSettings(AppOptions one, AppOptions other) => SettingsTree.Below(typeof(AppOptions))
        .All(setting => TextOf(setting.Property.GetValue(one)) == TextOf(setting.Property.GetValue(other)));

    private static string? TextOf(object? value) => value is null ? null : SettingText.Write(value);

    private static AppOptions? Bind(string path, string setting, SettingFaults faults)
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

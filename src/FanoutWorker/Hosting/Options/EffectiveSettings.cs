using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PushFanout.Worker.Hosting;

/// <summary>
/// The settings that a worker would run with, defaults included, as the JSON that it could be given. Secrets are in files, of which only the
/// names are here; a password in an address is covered.
/// </summary>
internal static class EffectiveSettings
{
    private const string Covered = "***";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(PushFanoutOptions options)
    {
        var root = Of(typeof(PushFanoutOptions), options);
        foreach (var name in options.AppsFromFiles)
        {
            root["Apps"]!.AsObject().Remove(name); // their files say so, and would contradict it
        }
        return new JsonObject { [PushFanoutOptions.SectionName] = root }.ToJsonString(Indented);
    }

    private static JsonObject Of(Type type, object options)
    {
        var json = new JsonObject();
        foreach (var node in SettingsTree.Below(type))
        {
            json[node.Property.Name] = node.Property.GetValue(options) switch
            {
                null => null,
                IDictionary named => new JsonObject(named.Keys.Cast<string>().Select(name => KeyValuePair.Create(name, (JsonNode?)Of(node.Section!, named[name]!)))),
                var section when node.Section is { } sectionType => Of(sectionType, section),
                var value => ValueOf(value),
            };
        }
        return json;
    }

    private static JsonNode ValueOf(object value) => value switch
    {
        bool or int or long or double => JsonSerializer.SerializeToNode(value)!,
        IReadOnlyList<string> list => new JsonArray([.. list.Select(entry => JsonValue.Create(entry))]),
        Uri { UserInfo: var userInfo } uri when userInfo.Contains(':', StringComparison.Ordinal) =>
            new UriBuilder(uri) { Password = Covered }.Uri.ToString(),
        _ => SettingText.Write(value),
    };
}

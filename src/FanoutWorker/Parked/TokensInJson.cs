using System.Text.Json.Nodes;
using PushFanout.Contracts;
using PushFanout.TokenCache;

namespace PushFanout.Worker.Parked;

/// <summary>Takes device tokens out of the messages' JSON by the names of their fields.</summary>
internal static class TokensInJson
{
    /// <summary>Changes and returns the node: what is below <c>token</c> or <c>tokens</c> becomes fingerprints.</summary>
    public static JsonNode? Replace(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    fields[name] = name is "token" or "tokens" ? WithoutTokens(value) : Detached(Replace(value));
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    list[i] = Detached(Replace(list[i]));
                }
                break;
        }
        return node;
    }

    public static string Shown(ReadOnlySpan<byte> token) => $"token {TokenFingerprint.Of(token)}";

    private static JsonNode? WithoutTokens(JsonNode? value) => value switch
    {
        JsonArray list => new JsonArray([.. list.Select(WithoutTokens)]),
        JsonValue text when text.TryGetValue<string>(out var token) => DeviceTokenText.TryDecode(token, out var bytes) ? Shown(bytes) : "no token",
        JsonObject other => Detached(Replace(other)),
        _ => value?.DeepClone(),
    };

    /// <summary>A node can have one parent only.</summary>
    private static JsonNode? Detached(JsonNode? node) => node?.DeepClone();
}

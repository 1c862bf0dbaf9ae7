using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.Contracts;

/// <summary>The JSON of the messages: camelCase, UTF-8, no escapes that are not needed, values that are not given left out.</summary>
public static class ContractJson
{
    /// <summary>How deep a message may nest.</summary>
    public const int MaxDepth = 64;
    /// <summary>The content type of a message without an envelope.</summary>
    public const string ContentType = "application/json";

    /// <summary>For writing messages, and for reading results. Requests are read by their reader, which reports every fault.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    /// <summary>The message as it can be published with <see cref="ContentType"/>.</summary>
    public static byte[] Serialize<T>(T message) where T : class => JsonSerializer.SerializeToUtf8Bytes(message, Options);

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = MaxDepth,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

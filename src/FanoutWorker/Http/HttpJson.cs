using System.Text.Json;
using System.Text.Json.Serialization;

namespace PushFanout.Worker.Http;

/// <summary>JSON as in the messages: camelCase, enums as words, what is not given left out.</summary>
internal static class HttpJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace PushFanout.Worker.Http;

/// <summary>The JSON schemas of bodies and answers: those of the messages as the contracts have them, those of the answers made from their types.</summary>
internal sealed class ApiSchemas
{
    public const string NotificationRequested = "NotificationRequested";
    public const string DeviceRegistered = "DeviceRegistered";
    public const string DeviceUnregistered = "DeviceUnregistered";
    public const string ParkedMove = nameof(ParkedMoveBody);
    public const string ParkedShow = nameof(ParkedShowBody);

    private static readonly JsonSerializerOptions Json = MakeOptions();

    private readonly JsonSchemaExporterOptions _exporting;

    public ApiSchemas()
    {
        _exporting = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
        // What the address, the header or the clock knows need not be in a body.
        All[NotificationRequested] = OfContract("notification-requested", "notificationId");
        All[DeviceRegistered] = OfContract("device-registered", "app", "at");
        All[DeviceUnregistered] = OfContract("device-unregistered", "app", "at");
        Of(typeof(ParkedMoveBody));
        Of(typeof(ParkedShowBody));
    }

    /// <summary>By the name that <see cref="Reference"/> leads to.</summary>
    public JsonObject All { get; } = [];

    /// <summary>A reference to the type's schema, which is made when it is first asked for.</summary>
    public JsonObject Of(Type type)
    {
        var name = NameOf(type);
        if (!All.ContainsKey(name))
        {
            All[name] = Json.GetJsonSchemaAsNode(type, _exporting);
        }
        return Reference(name);
    }

    public static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static string NameOf(Type type) =>
        type.Name.EndsWith("Answer", StringComparison.Ordinal) ? type.Name[..^"Answer".Length]
        : type.Name.EndsWith("View", StringComparison.Ordinal) ? type.Name[..^"View".Length]
        : type.Name;

    /// <summary>What is null is left out of an answer: required is what cannot be null.</summary>
    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is JsonObject { Count: > 0 } node && node["properties"] is JsonObject properties)
        {
            var required = context.TypeInfo.Properties.Where(property => !property.IsGetNullable && properties.ContainsKey(property.Name)).Select(property => (JsonNode)property.Name).ToArray();
            node["required"] = new JsonArray(required);
        }
        return schema;
    }

    private static JsonObject OfContract(string message, params string[] notNeeded)
    {
        using var stream = typeof(ApiSchemas).Assembly.GetManifestResourceStream($"PushFanout.Worker.Http.{message}.schema.json")!;
        var schema = JsonNode.Parse(stream)!.AsObject();
        schema.Remove("$schema");
        schema.Remove("$id");
        var required = schema["required"]!.AsArray().Select(name => (string)name!).Except(notNeeded).Select(name => (JsonNode)name).ToArray();
        schema.Remove("required");
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }
        return schema;
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict };
        HttpJson.Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

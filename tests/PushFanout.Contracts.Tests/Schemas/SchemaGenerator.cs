using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;

namespace PushFanout.Contracts.Tests.Schemas;

/// <summary>Makes the JSON Schema (2020-12) of a message from its type: shape, limits from the attributes, texts from the XML documentation.</summary>
internal static class SchemaGenerator
{
    // Attributes of a list speak of the list; these are the forms of what is in it.
    private static readonly Dictionary<string, string> EntryPatterns = new()
    {
        ["Audience.AnyOf"] = ContractNames.AudiencePattern,
        ["Audience.AllOf"] = ContractNames.AudiencePattern,
        ["Audience.NoneOf"] = ContractNames.AudiencePattern,
        ["DeviceRegistered.Audiences"] = ContractNames.AudiencePattern,
    };

    // Workers refuse an unknown field. Whoever reads what workers write must not: a field may be added.
    private static readonly Type[] ReadByWorkers =
        [typeof(NotificationRequested), typeof(NotificationControl), typeof(DeviceRegistered), typeof(DeviceUnregistered), typeof(AudienceChanged)];

    public static JsonObject Of(Type message)
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:{MessageUrn.ForTypeString(message)}",
            ["title"] = message.Name,
        };
        foreach (var (keyword, value) in OfRecord(message, closed: ReadByWorkers.Contains(message)))
            schema[keyword] = value?.DeepClone();
        return schema;
    }

    private static JsonObject OfRecord(Type type, bool closed)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["description"] = XmlDocs.Of(type),
            ["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create(NameOf(property), (JsonNode?)OfProperty(property, closed)))),
        };
        string[] required = [.. properties.Where(IsRequired).Select(NameOf)];
        if (required.Length > 0)
            schema["required"] = JsonSerializer.SerializeToNode(required);
        if (closed)
            schema["additionalProperties"] = false;
        return schema;
    }

    private static JsonObject OfProperty(PropertyInfo property, bool closed)
    {
        var schema = OfType(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, closed);
        schema["description"] = XmlDocs.Of(property);
        foreach (var attribute in property.GetCustomAttributes())
            AddLimit(schema, attribute);
        if (EntryPatterns.TryGetValue($"{property.DeclaringType!.Name}.{property.Name}", out var pattern))
            schema["items"]!["pattern"] = pattern;
        return IsRequired(property) ? schema : OrNull(schema);
    }

    private static JsonObject OfType(Type type, bool closed)
    {
        if (type == typeof(string))
            return new JsonObject { ["type"] = "string" };
        if (type == typeof(Guid))
            return new JsonObject { ["type"] = "string", ["format"] = "uuid" };
        if (type == typeof(DateTimeOffset))
            return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        if (type == typeof(bool))
            return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(int) || type == typeof(long))
            return new JsonObject { ["type"] = "integer" };
        if (type == typeof(PushPayload))
            return new JsonObject { ["type"] = "object" };
        if (type.IsEnum)
            return new JsonObject { ["type"] = "string", ["enum"] = JsonSerializer.SerializeToNode(type.GetEnumNames().Select(name => name.ToLowerInvariant())) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return new JsonObject { ["type"] = "array", ["items"] = OfType(type.GetGenericArguments()[0], closed) };
        if (type == typeof(IReadOnlyDictionary<string, long>))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "integer" } };
        return OfRecord(type, closed);
    }

    private static void AddLimit(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RegularExpressionAttribute { Pattern: var pattern }:
                schema["pattern"] = pattern;
                break;
            case StringLengthAttribute length:
                schema["minLength"] = length.MinimumLength;
                schema["maxLength"] = length.MaximumLength;
                break;
            case RangeAttribute range:
                schema["minimum"] = Convert.ToInt64(range.Minimum, null);
                if (range.Maximum is int maximum)
                    schema["maximum"] = maximum;
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = JsonSerializer.SerializeToNode(allowed.Values);
                break;
            case MaxLengthAttribute length:
                schema["maxItems"] = length.Length;
                break;
            case MinLengthAttribute length:
                schema["minItems"] = length.Length;
                break;
        }
    }

    // Null is "not given" for everything that need not be given.
    private static JsonObject OrNull(JsonObject schema)
    {
        schema["type"] = new JsonArray(schema["type"]!.GetValue<string>(), "null");
        if (schema["enum"] is JsonArray words)
            words.Add(null);
        return schema;
    }

    private static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute))
        || property.DeclaringType!.GetConstructors().Any(made => made.GetParameters().Any(parameter => parameter.Name == property.Name));

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PushFanout.Contracts.Tests.Schemas;

/// <summary>
/// Checks JSON against a schema, with the keywords that ours use; any other keyword is an error, so that none is passed over.
/// </summary>
internal static class SchemaChecker
{
    private static readonly HashSet<string> Annotations = ["$schema", "$id", "title", "description"];

    /// <summary>What the schema refuses, as <c>place keyword</c>; empty when the JSON fits.</summary>
    public static IReadOnlyList<string> Check(JsonNode? json, JsonObject schema)
    {
        var faults = new List<string>();
        Check(json, schema, "$", faults);
        return faults;
    }

    private static void Check(JsonNode? json, JsonObject schema, string place, List<string> faults)
    {
        foreach (var (keyword, rule) in schema)
        {
            if (!Annotations.Contains(keyword) && !Fits(json, keyword, rule!, schema, place, faults))
                faults.Add($"{place} {keyword}");
        }
    }

    // A keyword says nothing about JSON of a type that it is not for.
    private static bool Fits(JsonNode? json, string keyword, JsonNode rule, JsonObject schema, string place, List<string> faults) => keyword switch
    {
        "type" => (rule is JsonArray types ? types.Select(type => type!.GetValue<string>()) : [rule.GetValue<string>()]).Any(type => IsOf(json, type)),
        "enum" => rule.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, json)),
        "pattern" => Text(json) is not { } text || Regex.IsMatch(text, rule.GetValue<string>()),
        "format" => Text(json) is not { } text || HasFormat(text, rule.GetValue<string>()),
        "minLength" => Text(json) is not { } text || text.EnumerateRunes().Count() >= rule.GetValue<int>(),
        "maxLength" => Text(json) is not { } text || text.EnumerateRunes().Count() <= rule.GetValue<int>(),
        "minimum" => Number(json) is not { } number || number >= Number(rule),
        "maximum" => Number(json) is not { } number || number <= Number(rule),
        "minItems" => json is not JsonArray list || list.Count >= rule.GetValue<int>(),
        "maxItems" => json is not JsonArray list || list.Count <= rule.GetValue<int>(),
        "required" => json is not JsonObject record || rule.AsArray().All(name => record.ContainsKey(name!.GetValue<string>())),
        "items" => CheckEach(json as JsonArray, rule.AsObject(), place, faults),
        "properties" => CheckFields(json as JsonObject, rule.AsObject(), place, faults),
        "additionalProperties" => CheckFurther(json as JsonObject, rule, schema, place, faults),
        _ => throw new NotSupportedException($"The keyword {keyword} is not known here."),
    };

    private static bool CheckEach(JsonArray? list, JsonObject schema, string place, List<string> faults)
    {
        for (var i = 0; i < list?.Count; i++)
            Check(list[i], schema, $"{place}[{i}]", faults);
        return true;
    }

    private static bool CheckFields(JsonObject? record, JsonObject schemas, string place, List<string> faults)
    {
        foreach (var (name, value) in record ?? [])
        {
            if (schemas[name] is JsonObject schema)
                Check(value, schema, $"{place}.{name}", faults);
        }
        return true;
    }

    private static bool CheckFurther(JsonObject? record, JsonNode rule, JsonObject schema, string place, List<string> faults)
    {
        foreach (var (name, value) in record ?? [])
        {
            if (schema["properties"]?.AsObject().ContainsKey(name) ?? false)
                continue;
            if (rule is not JsonObject further)
                return false;
            Check(value, further, $"{place}.{name}", faults);
        }
        return true;
    }

    private static bool IsOf(JsonNode? json, string type) => type switch
    {
        "null" => json is null,
        "object" => json is JsonObject,
        "array" => json is JsonArray,
        "string" => json?.GetValueKind() is JsonValueKind.String,
        "boolean" => json?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => Number(json) is { } number && decimal.IsInteger(number),
        _ => throw new NotSupportedException($"The type {type} is not known here."),
    };

    private static bool HasFormat(string text, string format) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && Regex.IsMatch(text, "T.*(Z|[+-][0-9]{2}:[0-9]{2})$"),
        _ => throw new NotSupportedException($"The format {format} is not known here."),
    };

    private static string? Text(JsonNode? json) => json?.GetValueKind() is JsonValueKind.String ? json.GetValue<string>() : null;

    private static decimal? Number(JsonNode? json) =>
        json?.GetValueKind() is JsonValueKind.Number ? decimal.Parse(json.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;
}

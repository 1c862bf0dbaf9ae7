using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using PushFanout.Contracts;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>The description of the API in OpenAPI 3.1, made once when somebody first asks.</summary>
internal static class OpenApiDocument
{
    public const string Path = "/openapi.json";

    private static readonly Lazy<byte[]> Written = new(Write);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Statuses that every address of the API may answer with.</summary>
    private static readonly int[] AlwaysRefusals = [401, 403, 429, 500, 503];

    public static ReadOnlyMemory<byte> Utf8 => Written.Value;

    private static byte[] Write()
    {
        var schemas = new ApiSchemas();
        var problem = schemas.Of(typeof(ProblemAnswer));
        schemas.All["Problem"]!["properties"]!["code"]!["enum"] = new JsonArray(
            [.. typeof(ProblemCodes).GetFields().Where(field => field.IsLiteral).Select(field => JsonValue.Create((string)field.GetRawConstantValue()!))]);
        var paths = new JsonObject();
        foreach (var operation in ApiOperation.All)
        {
            paths[operation.Path] ??= new JsonObject();
            paths[operation.Path]![operation.Method] = Of(operation, schemas, problem);
        }
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "PushFanout",
                ["version"] = StartReport.Version,
                ["description"] = "Sends one message to every device of an audience through Apple's push service, and accounts for each. No device token is in any address.",
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["apiKey"] = new JsonArray() }, new JsonObject()),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas.All,
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Api-Key" },
                },
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(document, Indented);
    }

    private static JsonObject Of(ApiOperation operation, ApiSchemas schemas, JsonObject problem)
    {
        var answers = new JsonObject();
        foreach (var (status, type) in operation.Answers)
        {
            answers[$"{status}"] = type is null ? new JsonObject { ["description"] = "As it says." } : Answer("As the schema says.", ContractJson.ContentType, schemas.Of(type));
        }
        foreach (var status in operation.Refusals.Concat(operation.IsOfApi ? AlwaysRefusals : []).Order())
        {
            answers[$"{status}"] = Answer(ProblemCodes.Of(status), "application/problem+json", problem.DeepClone().AsObject());
        }
        var written = new JsonObject { ["operationId"] = operation.Name, ["summary"] = operation.Summary };
        if (ParametersOf(operation) is { Count: > 0 } parameters)
        {
            written["parameters"] = parameters;
        }
        if (operation.Body is { } body)
        {
            written["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject { [ContractJson.ContentType] = new JsonObject { ["schema"] = ApiSchemas.Reference(body) } },
            };
        }
        if (!operation.IsOfApi)
        {
            written["security"] = new JsonArray();
        }
        written["responses"] = answers;
        return written;
    }

    private static JsonArray ParametersOf(ApiOperation operation)
    {
        var parameters = new JsonArray();
        if (operation.Path.Contains("{id}", StringComparison.Ordinal))
        {
            parameters.Add(Parameter("id", "path", "The notification.", new JsonObject { ["type"] = "string", ["format"] = "uuid" }));
        }
        if (operation.Path.Contains("{app}", StringComparison.Ordinal))
        {
            parameters.Add(Parameter("app", "path", "The app by name.", new JsonObject { ["type"] = "string", ["pattern"] = ContractNames.AppPattern }));
        }
        if (operation is { Name: "listNotifications" })
        {
            parameters.Add(Parameter("limit", "query", "Notifications on the page.", new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = NotificationEndpoints.MaxLimit, ["default"] = NotificationEndpoints.DefaultLimit }));
            parameters.Add(Parameter("before", "query", "What the page before gave as its own before.", new JsonObject { ["type"] = "string", ["format"] = "date-time" }));
        }
        if (operation is { Name: "listParked" })
        {
            parameters.Add(Parameter("limit", "query", "Messages at most.", new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = ParkedEndpoints.MaxLimit, ["default"] = ParkedEndpoints.DefaultLimit }));
        }
        if (operation is { Name: "publish" })
        {
            parameters.Add(Parameter(RequestId.Header, "header", "Any text that is the same when the call is repeated; not needed with a notificationId.", new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = RequestId.MaxKeyLength }));
        }
        return parameters;
    }

    private static JsonObject Parameter(string name, string place, string description, JsonObject schema) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = place == "path",
        ["description"] = description,
        ["schema"] = schema,
    };

    private static JsonObject Answer(string description, string mediaType, JsonObject schema) =>
        new() { ["description"] = description, ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = schema } } };
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using PushFanout.Worker.Http;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Tests.Http;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_document_has_every_address_that_is_served_and_no_other_and_the_schemas_of_what_is_really_answered()
    {
        await using var worker = await HttpWorker.StartAsync("a key that nobody needs for this");
        var (status, document) = await worker.GetAsync("/openapi.json");
        Assert.Equal(200, status);

        var served = worker.Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            .Select(method => $"{method.ToLowerInvariant()} {PathOf(endpoint)}"));
        var documented = document!["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}"));
        Assert.Equal(served.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
        AssertSchemas(document);
    }

    /// <summary>They are those of what is really taken and answered.</summary>
    private static void AssertSchemas(JsonNode document)
    {
        var schemas = document["components"]!["schemas"]!.AsObject();

        Assert.All(References(document), reference => Assert.Contains(reference["#/components/schemas/".Length..], schemas.Select(schema => schema.Key)));
        Assert.Equal(
            Enum.GetNames<NotificationState>().Select(name => name.ToLowerInvariant()),
            schemas["Notification"]!["properties"]!["state"]!["enum"]!.AsArray().Select(word => (string)word!));
        Assert.DoesNotContain("firstPushAt", schemas["Notification"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Contains("audience", schemas["Notification"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["app", "audience", "payload"], schemas["NotificationRequested"]!["required"]!.AsArray().Select(name => (string)name!).Order());
        Assert.Equal(["token"], schemas["DeviceRegistered"]!["required"]!.AsArray().Select(name => (string)name!));
        Assert.Null(schemas["DeviceUnregistered"]!["required"]);
        Assert.Contains("unknown_notification", schemas["Problem"]!["properties"]!["code"]!["enum"]!.AsArray().Select(code => (string)code!));
    }

    private static string PathOf(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.Replace(":guid", "", StringComparison.Ordinal) is { Length: > 1 } path ? path.TrimEnd('/') : "/";

    [Fact]
    public void The_page_about_the_API_has_every_code_and_no_other()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PushFanout.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run from inside the repository.");
        }
        var rows = File.ReadLines(Path.Combine(folder.FullName, "docs", "http-api.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('`')).Skip(1);
        var codes = typeof(ProblemCodes).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(codes.Order(StringComparer.Ordinal), rows.Select(row => row.Split('`')[1]).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => field is { Key: "$ref", Value: JsonValue reference } ? [(string)reference!] : References(field.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using PushFanout.Contracts;

namespace PushFanout.Worker.Http;

/// <summary>Bodies that are no messages: a few fields, and nothing else.</summary>
internal static class OperatorBody
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        MaxDepth = ContractJson.MaxDepth,
    };

    private static readonly JsonDocumentOptions AnyJson = new() { MaxDepth = ContractJson.MaxDepth };

    /// <returns>The body, or the answer that says what is wrong with it: 400 for what is no JSON, 422 for another shape.</returns>
    public static async Task<(T? Body, IResult? Refusal)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken) where T : class
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        try
        {
            if (JsonNode.Parse(body.Span, documentOptions: AnyJson) is not JsonObject)
            {
                return (null, FaultAnswer.Of("", FaultCodes.WrongType, "The body must be a JSON object."));
            }
        }
        catch (JsonException)
        {
            return (null, HttpProblem.Of(StatusCodes.Status400BadRequest, "The body is not JSON.", ProblemCodes.NotJson));
        }
        try
        {
            return (JsonSerializer.Deserialize<T>(body.Span, Json), null);
        }
        catch (JsonException fault)
        {
            return (null, FaultAnswer.Of(fault.Path?.TrimStart('$', '.') ?? "", FaultCodes.InvalidValue, "It is unknown, given twice, or of another type."));
        }
    }
}

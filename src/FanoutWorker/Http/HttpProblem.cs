using Microsoft.AspNetCore.Http;

namespace PushFanout.Worker.Http;

/// <summary>What every refusal has in <c>code</c>: for programs, where the text beside it is for people. The list only grows.</summary>
internal static class ProblemCodes
{
    /// <summary>The body is not JSON.</summary>
    public const string NotJson = "not_json";
    /// <summary>The request cannot be understood as HTTP.</summary>
    public const string BadRequest = "bad_request";
    /// <summary>The body or a parameter has the faults listed in <c>faults</c>.</summary>
    public const string InvalidRequest = "invalid_request";
    /// <summary>The API key is missing or wrong.</summary>
    public const string Unauthorized = "unauthorized";
    /// <summary>The caller is not one who may call a worker without a key.</summary>
    public const string Forbidden = "forbidden";
    /// <summary>There is nothing at this address.</summary>
    public const string NotFound = "not_found";
    /// <summary>No app of this name is configured at the worker.</summary>
    public const string UnknownApp = Contracts.FaultCodes.UnknownApp;
    /// <summary>The notification was never seen, was refused, or is forgotten.</summary>
    public const string UnknownNotification = "unknown_notification";
    /// <summary>No message of this id is parked, or somebody else looks at it now.</summary>
    public const string NotParked = "not_parked";
    /// <summary>The worker runs on its own transport in memory, which has no such thing.</summary>
    public const string NotEmbedded = "not_embedded";
    /// <summary>The address takes other methods.</summary>
    public const string MethodNotAllowed = "method_not_allowed";
    /// <summary>The body is larger than any request that can be right.</summary>
    public const string BodyTooLarge = "body_too_large";
    /// <summary>The body is to be sent as <c>application/json</c>.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";
    /// <summary>More requests than the worker takes in a second.</summary>
    public const string TooManyRequests = "too_many_requests";
    /// <summary>The worker failed; its log says how.</summary>
    public const string InternalError = "internal_error";
    /// <summary>Redis or RabbitMQ is away; <c>Retry-After</c> says when to repeat the call.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The code of a status that has only one, or that the framework gave.</summary>
    public static string Of(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthorized,
        StatusCodes.Status403Forbidden => Forbidden,
        StatusCodes.Status404NotFound => NotFound,
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => BodyTooLarge,
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity => InvalidRequest,
        StatusCodes.Status429TooManyRequests => TooManyRequests,
        StatusCodes.Status501NotImplemented => NotEmbedded,
        StatusCodes.Status503ServiceUnavailable => Unavailable,
        >= StatusCodes.Status500InternalServerError => InternalError,
        _ => BadRequest,
    };
}

/// <summary>Every answer that is a refusal: problem details (RFC 9457) with a code.</summary>
internal static class HttpProblem
{
    private const string CodeMember = "code";

    /// <param name="more">Members of their own, which tell the caller how to go on.</param>
    public static IResult Of(int status, string detail, string? code = null, params IEnumerable<KeyValuePair<string, object?>> more) => Results.Problem(
        statusCode: status, detail: detail, extensions: [KeyValuePair.Create(CodeMember, (object?)(code ?? ProblemCodes.Of(status))), .. more]);

    /// <summary>For a status that the framework gave without a word.</summary>
    public static IResult Of(int status) => Of(status, status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address; GET /openapi.json says what there is.",
        StatusCodes.Status405MethodNotAllowed => "This address takes other methods; the header Allow names them.",
        StatusCodes.Status413PayloadTooLarge => $"The body is larger than {HttpServer.MaxBodyBytes / 1024 / 1024} MiB.",
        StatusCodes.Status415UnsupportedMediaType => "The body is to be JSON, sent with Content-Type: application/json.",
        StatusCodes.Status429TooManyRequests => "More requests than this worker takes in a second. Repeat the call later, or publish to RabbitMQ.",
        StatusCodes.Status500InternalServerError => "The worker failed; its log says how.",
        _ => "The request cannot be understood.",
    });
}

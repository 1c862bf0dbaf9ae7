using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>
/// Who may call the API. With a key: whoever shows it, as <c>X-Api-Key</c> or <c>Authorization: Bearer</c>. Without: whoever
/// is on this machine, except web pages, which a browser here would let through to us. Health, metrics, the page <c>/</c> and
/// the description of the API are open, since probes and scrapers come without a key; they hold nothing about a notification, user or device.
/// </summary>
internal sealed class CallerGate(ApiKey? key)
{
    private const string BearerPrefix = "Bearer ";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (IsOpen(context.Request.Path))
        {
            return next(context);
        }
        if (IsOtherSite(context.Request.Headers["Sec-Fetch-Site"]))
        {
            return Refuse(context, StatusCodes.Status403Forbidden, "Web pages of other sites may not call this API.");
        }
        if (key is null)
        {
            // A host name that is not this machine's means a name that somebody made lead here.
            return Loopback.Contains(context.Request.Host.Host)
                ? next(context)
                : Refuse(context, StatusCodes.Status403Forbidden, "Without an API key only localhost may be called.");
        }
        if (KeyOf(context.Request) is { } given && key.Matches(given))
        {
            return next(context);
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Refuse(context, StatusCodes.Status401Unauthorized, "The API key is missing or wrong.");
    }

    private static bool IsOpen(PathString path) => path == "/" || path == "/metrics" || path == OpenApiDocument.Path || path.StartsWithSegments("/health");

    private static bool IsOtherSite(StringValues fetchSite) => fetchSite.Count > 0 && fetchSite != "same-origin" && fetchSite != "none";

    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers["X-Api-Key"] is { Count: 1 } header)
        {
            return header;
        }
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? authorization[BearerPrefix.Length..].Trim() : null;
    }

    private static Task Refuse(HttpContext context, int status, string detail) =>
        HttpProblem.Of(status, detail).ExecuteAsync(context);
}

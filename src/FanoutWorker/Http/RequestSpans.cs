using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Http;

/// <summary>
/// One span for each call of the API, under the template of its path: paths hold ids. Probes and scrapes have none. A notification published meanwhile
/// belongs to the caller's trace.
/// </summary>
internal static class RequestSpans
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!FanoutActivities.Source.HasListeners() || (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/') is not { } route
            || !route.StartsWith("/api", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }
        ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out var caller);
        Activity.Current = null; // the server's own, which nobody exports
        using var span = FanoutActivities.Source.StartActivity($"{context.Request.Method} {route}", ActivityKind.Server, caller)?
            .SetTag("http.request.method", context.Request.Method).SetTag("http.route", route).SetTag("url.scheme", context.Request.Scheme);
        Trail.Current = new Trail(span?.Context ?? caller, PublishedAt: null);
        try
        {
            await next(context);
        }
        catch (Exception failure)
        {
            span?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
        span?.SetTag("http.response.status_code", context.Response.StatusCode)
            .SetStatus(context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
    }
}

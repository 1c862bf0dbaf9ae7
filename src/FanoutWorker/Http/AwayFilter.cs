using Microsoft.AspNetCore.Http;
using PushFanout.TokenCache;
using PushFanout.Worker.Messaging;

namespace PushFanout.Worker.Http;

/// <summary>Redis or the broker is away: 503, and the caller repeats.</summary>
internal static class AwayFilter
{
    private const string RetryAfterSeconds = "5";

    public static async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (TokenCacheUnavailableException)
        {
            return Away(context.HttpContext, "Redis does not answer. Nothing is known to have happened; repeat the call.");
        }
        catch (BrokerUnavailableException)
        {
            return Away(context.HttpContext, "RabbitMQ did not confirm. Whether it has the message is not known; repeat the call, with the same notificationId.");
        }
    }

    /// <param name="more">What the caller needs to repeat the call.</param>
    public static IResult Away(HttpContext context, string detail, params IEnumerable<KeyValuePair<string, object?>> more)
    {
        context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return HttpProblem.Of(StatusCodes.Status503ServiceUnavailable, detail, more: more);
    }
}

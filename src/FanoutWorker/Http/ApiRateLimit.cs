using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace PushFanout.Worker.Http;

/// <summary>Bounds of the API as a whole. Who sends more than this publishes to the broker.</summary>
internal static class ApiRateLimit
{
    public const string Policy = "api";

    private const int RequestsPerSecond = 2000;
    private const string RetryAfterSeconds = "1";

    public static IServiceCollection AddApiRateLimit(this IServiceCollection services, int requestsPerSecond = RequestsPerSecond) => services.AddRateLimiter(limits =>
    {
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limits.OnRejected = (rejected, _) =>
        {
            rejected.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
            return ValueTask.CompletedTask;
        };
        limits.AddTokenBucketLimiter(Policy, bucket =>
        {
            bucket.TokenLimit = requestsPerSecond;
            bucket.TokensPerPeriod = requestsPerSecond / 10;
            bucket.ReplenishmentPeriod = TimeSpan.FromMilliseconds(100);
            bucket.QueueLimit = 0;
        });
    });
}

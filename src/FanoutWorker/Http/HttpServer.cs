using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>The worker's HTTP server: where it listens, what it takes at most, and what it serves.</summary>
internal static class HttpServer
{
    /// <summary>The largest request that can be right: 10,000 users or tokens.</summary>
    public const long MaxBodyBytes = 4 * 1024 * 1024;

    public static void AddWorkerHttp(this WebApplicationBuilder builder, PushFanoutOptions options)
    {
        builder.WebHost.UseUrls(options.Http.SplitUrls());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning); // not two lines per request
        builder.Services.ConfigureHttpJsonOptions(json => HttpJson.Configure(json.SerializerOptions));
        builder.Services.AddApiRateLimit();
        builder.Services.AddSingleton(_ => new CallerGate(options.Http.ApiKeyFile is { } file ? new ApiKey(SecretText.Read(file)) : null));
        builder.Services.AddSingleton(provider => new Readiness(provider.GetRequiredService<IBusControl>(), provider.GetService<RedisConnection>()));
    }

    public static void MapWorkerHttp(this WebApplication application)
    {
        application.UseProblems();
        var gate = application.Services.GetRequiredService<CallerGate>();
        application.Use(RequestSpans.InvokeAsync);
        application.Use(gate.InvokeAsync);
        application.UseRateLimiter();
        HttpEndpoints.Map(application);
    }
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using PushFanout.Worker.Http;

namespace PushFanout.Worker.Tests.Http;

public sealed class ApiBoundsTests
{
    [Fact]
    public async Task Every_address_of_the_API_is_below_the_rate_limit()
    {
        await using var worker = await HttpWorker.StartAsync();
        var api = worker.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(api);
        Assert.All(api, endpoint => Assert.Equal(ApiRateLimit.Policy, endpoint.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName));
    }

    [Fact]
    public async Task More_requests_than_the_limit_are_refused_and_later_ones_taken_again()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddApiRateLimit(requestsPerSecond: 10);
        await using var application = builder.Build();
        application.UseRateLimiter();
        application.MapGet("/", () => Results.Ok()).RequireRateLimiting(ApiRateLimit.Policy);
        await application.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };

        HttpStatusCode status;
        var taken = 0;
        while ((status = await AskAsync()) is HttpStatusCode.OK)
        {
            Assert.True(++taken < 1_000, "nothing is ever refused");
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.True(taken >= 10, $"only {taken} were taken at once");
        await PushFanout.Testing.Eventually.TrueAsync(async () => await AskAsync() is HttpStatusCode.OK, PushFanout.Testing.Eventually.Patience, "requests are taken again");

        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await client.GetAsync("/");
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task No_page_of_another_origin_is_let_in_by_a_header()
    {
        await using var worker = await HttpWorker.StartAsync();
        foreach (var method in new[] { HttpMethod.Options, HttpMethod.Get })
        {
            using var request = new HttpRequestMessage(method, "/api/apps");
            request.Headers.TryAddWithoutValidation("Origin", "https://evil.example");
            request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
            using var answer = await worker.Client.SendAsync(request);
            Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        }
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PushFanout.Contracts;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Http;

/// <summary>Everything that is served. No device token is in an address: addresses end up in logs.</summary>
internal static class HttpEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api").RequireRateLimiting(ApiRateLimit.Policy).AddEndpointFilter(AwayFilter.InvokeAsync);
        NotificationEndpoints.Map(api);
        AppEndpoints.Map(api);
        ParkedEndpoints.Map(api);

        endpoints.MapGet("/health/live", () => Results.Text("alive"));
        endpoints.MapGet("/health/ready", async (Readiness readiness, CancellationToken cancellationToken) =>
        {
            var report = await readiness.CheckAsync(cancellationToken);
            return Results.Json(report, statusCode: report.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        endpoints.MapGet("/metrics", (PrometheusExporter exporter) => Results.Text(exporter.Scrape(), PrometheusText.ContentType));
        endpoints.MapGet(OpenApiDocument.Path, () => Results.Bytes(OpenApiDocument.Utf8, ContractJson.ContentType));
        endpoints.MapGet("/", OverviewPage.Write);
    }
}

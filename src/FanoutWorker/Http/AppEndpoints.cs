using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;

namespace PushFanout.Worker.Http;

/// <summary>The apps, their audiences and devices.</summary>
internal static class AppEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/apps", (AppCatalog apps) => Results.Ok(
            new AppsAnswer([.. apps.All.OrderBy(app => app.Name, StringComparer.Ordinal).Select(app => AppView.Of(app.Name, app.Options))])));
        var app = api.MapGroup("/apps/{app}").AddEndpointFilter(RefuseUnknownAppAsync);
        app.MapGet("audiences", async (string app, ITokenCache cache, CancellationToken cancellationToken) =>
            Results.Ok(new AudiencesAnswer(await cache.ListAudiencesAsync(app, cancellationToken))));
        BrakeEndpoints.Map(app);
        app.MapPost("devices", RegisterAsync).Accepts<object>(ContractJson.ContentType);
        app.MapPost("devices/remove", RemoveAsync).Accepts<object>(ContractJson.ContentType);
    }

    public static AppFacts FactsOf(ServedApp app) => new() { Topic = app.Options.Topic, AllowedSources = [.. app.Options.AllowedSources] };

    /// <summary>The body is a <see cref="DeviceRegistered"/>; its app and time need not be given.</summary>
    private static async Task<IResult> RegisterAsync(
        string app, HttpRequest request, ITokenCache cache, AppCatalog apps, TimeProvider clock, CancellationToken cancellationToken)
    {
        var read = DeviceRegisteredReader.Read(await DeviceBody.ReadAsync(request, app, clock, cancellationToken), DeviceBody.ContextOf(apps));
        if (read.Message is not { } device)
        {
            return FaultAnswer.Of(read);
        }
        if (device.App != app)
        {
            return DeviceBody.OtherApp();
        }
        var result = await cache.RegisterAsync(
            app, new DeviceRegistration(Convert.FromHexString(device.Token), device.At, device.DeviceId, device.UserId, device.Audiences), cancellationToken);
        return Results.Ok(new RegisteredAnswer(result));
    }

    /// <summary>The body is a <see cref="DeviceUnregistered"/>; its app and time need not be given.</summary>
    private static async Task<IResult> RemoveAsync(
        string app, HttpRequest request, ITokenCache cache, AppCatalog apps, TimeProvider clock, CancellationToken cancellationToken)
    {
        var read = DeviceUnregisteredReader.Read(await DeviceBody.ReadAsync(request, app, clock, cancellationToken), DeviceBody.ContextOf(apps));
        if (read.Message is not { } device)
        {
            return FaultAnswer.Of(read);
        }
        if (device.App != app)
        {
            return DeviceBody.OtherApp();
        }
        return Results.Ok(new RemovedAnswer(await cache.UnregisterAsync(app, DeviceBody.SelectorOf(device), device.At, cancellationToken)));
    }

    private static async ValueTask<object?> RefuseUnknownAppAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var apps = context.HttpContext.RequestServices.GetRequiredService<AppCatalog>();
        return context.HttpContext.GetRouteValue("app") is string app && apps.Find(app) is not null
            ? await next(context)
            : HttpProblem.Of(StatusCodes.Status404NotFound, "No app of this name is configured at this worker.", ProblemCodes.UnknownApp);
    }
}

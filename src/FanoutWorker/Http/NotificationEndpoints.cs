using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PushFanout.Contracts;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using ControlAction = PushFanout.Worker.Ledger.ControlAction;

namespace PushFanout.Worker.Http;

/// <summary>Asking for notifications, following and steering them.</summary>
internal static class NotificationEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(IEndpointRouteBuilder api)
    {
        var notifications = api.MapGroup("/notifications");
        notifications.MapPost("", PublishAsync).Accepts<object>(ContractJson.ContentType);
        notifications.MapGet("", ListAsync);
        notifications.MapGet("{id:guid}", ReadAsync);
        notifications.MapPost("{id:guid}/explain", ExplainEndpoint.ExplainAsync).Accepts<object>(ContractJson.ContentType);
        MapControl("pause", ControlAction.Pause);
        MapControl("resume", ControlAction.Resume);
        MapControl("cancel", ControlAction.Cancel);

        void MapControl(string word, ControlAction action) => notifications.MapPost(
            "{id:guid}/" + word,
            (Guid id, NotificationSteering steering, TimeProvider clock, CancellationToken cancellationToken) =>
                SteerAsync(id, action, steering, clock, cancellationToken));
    }

    /// <summary>The body is the message as it would be published; one without an id gets one.</summary>
    private static async Task<IResult> PublishAsync(
        HttpContext context, MessageSender sender, PushFanoutOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var json = JsonBody.WithDefault(body, "notificationId", Guid.CreateVersion7(clock.GetUtcNow()).ToString());
        var read = NotificationRequestedReader.Read(json, new WorkerContext { Now = clock.GetUtcNow(), FindApp = name => AppEndpoints.FactsOf(options, name) });
        if (read.Message is not { NotificationId: var id })
        {
            return FaultAnswer.Of(read);
        }
        try
        {
            await sender.PublishRequestAsync(json, id, cancellationToken);
        }
        catch (BrokerUnavailableException)
        {
            return AwayFilter.Away(
                context, "RabbitMQ did not confirm. Whether it has the request is not known; repeat it with this notificationId.",
                new Dictionary<string, object?> { ["notificationId"] = id });
        }
        return Results.Accepted($"/api/notifications/{id}", new { NotificationId = id });
    }

    /// <summary>Newest first; <paramref name="before"/> continues after the last one seen.</summary>
    private static async Task<IResult> ListAsync(INotificationLedger ledger, BrakeWatch brakes, CancellationToken cancellationToken, int limit = DefaultLimit, DateTimeOffset? before = null)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return FaultAnswer.Of([new ContractFault("limit", FaultCodes.InvalidValue, $"It must be 1–{MaxLimit}.")]);
        }
        var found = await ledger.ListAsync(limit, before, cancellationToken);
        return Results.Ok(new
        {
            Notifications = (await brakes.ShowAsync(found, cancellationToken)).Select(NotificationView.Of),
            Before = found.Count == limit ? found[^1].Totals.RequestedAt : (DateTimeOffset?)null,
        });
    }

    private static async Task<IResult> ReadAsync(Guid id, INotificationLedger ledger, BrakeWatch brakes, CancellationToken cancellationToken) =>
        await ledger.ReadStatusAsync(id, cancellationToken) is { } status
            ? Results.Ok(NotificationView.Of((await brakes.ShowAsync([status], cancellationToken))[0]))
            : NoSuchNotification();

    public static IResult NoSuchNotification() =>
        Results.Problem(statusCode: StatusCodes.Status404NotFound, detail: "No such notification: never seen, refused, or forgotten.");

    /// <summary>202 when the notification has not been seen yet: the action then waits for it.</summary>
    private static async Task<IResult> SteerAsync(
        Guid id, ControlAction action, NotificationSteering steering, TimeProvider clock, CancellationToken cancellationToken)
    {
        var result = await steering.ApplyAsync(id, action, clock.GetUtcNow(), cancellationToken);
        return Results.Json(
            new { NotificationId = id, result.State, result.Applied, result.Known },
            statusCode: result.Known ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }
}

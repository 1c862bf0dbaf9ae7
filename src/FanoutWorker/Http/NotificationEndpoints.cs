using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Brakes;
using PushFanout.Worker.Control;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Messaging;
using ControlAction = PushFanout.Worker.Ledger.ControlAction;

namespace PushFanout.Worker.Http;

/// <summary>Asking for notifications, following and steering them.</summary>
internal static class NotificationEndpoints
{
    private const string IdField = "notificationId";
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

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
        HttpContext context, MessageSender sender, ITokenCache cache, INotificationLedger ledger, AppCatalog apps, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (RequestId.Refuse(context.Request) is { } refusal)
        {
            return refusal;
        }
        var body = await JsonBody.ReadAsync(context.Request, cancellationToken);
        var json = JsonBody.WithDefault(body, IdField, Guid.CreateVersion7(clock.GetUtcNow()).ToString());
        var read = NotificationRequestedReader.Read(json, new WorkerContext { Now = clock.GetUtcNow(), FindApp = name => apps.FindOpen(name) is { } app ? AppEndpoints.FactsOf(app) : null });
        if (read.Message is not { } message)
        {
            return FaultAnswer.Of(read);
        }
        var id = message.NotificationId;
        if (!json.Equals(body))
        {
            id = RequestId.Of(context.Request, message, clock);
            json = JsonBody.WithDefault(body, IdField, id.ToString());
        }
        if (await FindFaultsAsync(cache, ledger, message with { NotificationId = id }, cancellationToken) is { Count: > 0 } faults)
        {
            return FaultAnswer.Of(faults);
        }
        try
        {
            await sender.PublishRequestAsync(json, id, cancellationToken);
        }
        catch (BrokerUnavailableException)
        {
            return AwayFilter.Away(
                context, "RabbitMQ did not confirm. Whether it has the request is not known; repeat it with this notificationId.",
                KeyValuePair.Create(IdField, (object?)id));
        }
        return Results.Accepted($"/api/notifications/{id}", new PublishedAnswer(id));
    }

    /// <summary>Intake looks as well, and its answer goes to whoever listens on RabbitMQ: a caller of HTTP is told here. Without Redis the request waits for it there.</summary>
    private static async Task<IReadOnlyList<ContractFault>> FindFaultsAsync(
        ITokenCache cache, INotificationLedger ledger, NotificationRequested message, CancellationToken cancellationToken)
    {
        try
        {
            return await ledger.IsTakenByOtherContentAsync(message.NotificationId, RequestDigest.Of(message), cancellationToken)
                ? [RequestRefusal.IdConflict]
                : await UnknownAudiences.FindAsync(cache, message, cancellationToken);
        }
        catch (TokenCacheUnavailableException)
        {
            return [];
        }
    }

    /// <summary>Newest first; <paramref name="before"/> continues after the last one seen.</summary>
    private static async Task<IResult> ListAsync(
        INotificationLedger ledger, BrakeWatch brakes, CancellationToken cancellationToken, [FromQuery(Name = "limit")] string? limitText = null, string? before = null)
    {
        var limit = DefaultLimit;
        if (limitText is not null && !(int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            return FaultAnswer.Of("limit", FaultCodes.InvalidValue, $"It must be 1–{MaxLimit}.");
        }
        DateTimeOffset? end = null;
        if (before is not null)
        {
            if (!DateTimeOffset.TryParse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment))
            {
                return FaultAnswer.Of("before", FaultCodes.InvalidValue, "It must be a moment in ISO 8601, as the last page gave it.");
            }
            end = moment;
        }
        var found = await ledger.ListAsync(limit, end, cancellationToken);
        return Results.Ok(new NotificationsAnswer(
            [.. (await brakes.ShowAsync(found, cancellationToken)).Select(NotificationView.Of)], found.Count >= limit ? found[^1].Totals.RequestedAt : null));
    }

    private static async Task<IResult> ReadAsync(Guid id, INotificationLedger ledger, BrakeWatch brakes, CancellationToken cancellationToken) =>
        await ledger.ReadStatusAsync(id, cancellationToken) is { } status
            ? Results.Ok(NotificationView.Of((await brakes.ShowAsync([status], cancellationToken))[0]))
            : NoSuchNotification();

    public static IResult NoSuchNotification() =>
        HttpProblem.Of(StatusCodes.Status404NotFound, "No such notification: never seen, refused, or forgotten.", ProblemCodes.UnknownNotification);

    /// <summary>202 when the notification has not been seen yet: the action then waits for it.</summary>
    private static async Task<IResult> SteerAsync(
        Guid id, ControlAction action, NotificationSteering steering, TimeProvider clock, CancellationToken cancellationToken)
    {
        var result = await steering.ApplyAsync(id, action, clock.GetUtcNow(), cancellationToken);
        return Results.Json(
            new SteeringAnswer(id, result.State, result.Applied, result.Known),
            statusCode: result.Known ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }
}

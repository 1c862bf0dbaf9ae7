using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PushFanout.Contracts;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Parked;

namespace PushFanout.Worker.Http;

/// <summary>Messages that were put aside for an operator. Their ids are chosen by whoever sent them, so they are in bodies and not in addresses.</summary>
internal static class ParkedEndpoints
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 1000;

    public static void Map(IEndpointRouteBuilder api)
    {
        var parked = api.MapGroup("/parked").AddEndpointFilter(RefuseWithoutQueueAsync);
        parked.MapGet("", ListAsync);
        parked.MapPost("show", ShowAsync).Accepts<object>(ContractJson.ContentType);
        MapMove("requeue", ParkedMove.RequeueAsync);
        MapMove("discard", ParkedMove.DiscardAsync);

        void MapMove(string word, Func<ParkedQueue, ParkedSelection, CancellationToken, Task<ParkedMoved>> move) => parked.MapPost(
            word,
            (HttpRequest request, ParkedMessages messages, CancellationToken cancellationToken) => MoveAsync(request, messages, move, cancellationToken))
            .Accepts<object>(ContractJson.ContentType);
    }

    private static async Task<IResult> ListAsync(ParkedMessages messages, CancellationToken cancellationToken, [FromQuery(Name = "limit")] string? limitText = null)
    {
        var limit = DefaultLimit;
        if (limitText is not null && !(int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            return FaultAnswer.Of("limit", FaultCodes.InvalidValue, $"It must be 1–{MaxLimit}.");
        }
        var (oldest, more) = await messages.UseAsync((queue, stop) => queue.ListAsync(limit, stop), cancellationToken);
        return Results.Ok(new ParkedListAnswer(oldest, more));
    }

    private static async Task<IResult> ShowAsync(HttpRequest request, ParkedMessages messages, CancellationToken cancellationToken)
    {
        var (wanted, refusal) = await OperatorBody.ReadAsync<ParkedShowBody>(request, cancellationToken);
        if (wanted is null)
        {
            return refusal!;
        }
        if (wanted.Id is not { } id)
        {
            return FaultAnswer.Of("id", FaultCodes.MissingField, "It is needed.");
        }
        var shown = await messages.UseAsync(
            async (queue, stop) =>
            {
                while (await queue.TakeAsync(stop) is { } taken)
                {
                    if (ParkedMessage.Of(taken) is var message && message.Id == id)
                    {
                        return new ParkedShownAnswer(message, wanted.Content == true ? ParkedBody.Read(taken.Body).Content() : null);
                    }
                }
                return null;
            },
            cancellationToken);
        return shown is null
            ? HttpProblem.Of(StatusCodes.Status404NotFound, "No such message is parked, or somebody else looks at it now.", ProblemCodes.NotParked)
            : Results.Ok(shown);
    }

    private static async Task<IResult> MoveAsync(
        HttpRequest request, ParkedMessages messages, Func<ParkedQueue, ParkedSelection, CancellationToken, Task<ParkedMoved>> move, CancellationToken cancellationToken)
    {
        var (wanted, refusal) = await OperatorBody.ReadAsync<ParkedMoveBody>(request, cancellationToken);
        if (wanted is null)
        {
            return refusal!;
        }
        var all = wanted.All == true;
        if (all == wanted.Ids is { Count: > 0 })
        {
            return FaultAnswer.Of("ids", FaultCodes.ConflictingFields, "Either ids or all is needed.");
        }
        if (wanted.Ids?.ToList().FindIndex(id => id is null) is >= 0 and var nothing)
        {
            return FaultAnswer.Of($"ids[{nothing}]", FaultCodes.WrongType, "It must be a text.");
        }
        if (wanted.From is not null && !all)
        {
            return FaultAnswer.Of("from", FaultCodes.ConflictingFields, "It goes with all.");
        }
        var selection = new ParkedSelection(all ? null : wanted.Ids!.OfType<string>().ToHashSet(), wanted.From);
        return Results.Ok(await messages.UseAsync((queue, stop) => move(queue, selection, stop), cancellationToken));
    }

    private static async ValueTask<object?> RefuseWithoutQueueAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!context.HttpContext.RequestServices.GetRequiredService<ParkedMessages>().IsThere)
        {
            return HttpProblem.Of(StatusCodes.Status501NotImplemented, "This worker runs without RabbitMQ: nothing is ever parked.");
        }
        try
        {
            return await next(context);
        }
        catch (BrokerUnavailableException)
        {
            return AwayFilter.Away(context.HttpContext, "RabbitMQ did not answer in time. What was moved until then stays moved; list the messages, or repeat the call.");
        }
    }
}

using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Worker.Parked;

/// <param name="Moved">Ids of the messages that are not parked any more.</param>
/// <param name="Left">Those that were meant and stay parked.</param>
/// <param name="Missing">Ids that are not parked, or that somebody else looks at now.</param>
internal sealed record ParkedMoved(IReadOnlyList<string> Moved, IReadOnlyList<ParkedLeft> Left, IReadOnlyList<string> Missing);

/// <param name="Why">For people.</param>
internal sealed record ParkedLeft(string Id, string Why);

/// <summary>What an operator decides about parked messages.</summary>
internal static class ParkedMove
{
    /// <summary>Puts messages back where they came from, as they were.</summary>
    public static Task<ParkedMoved> RequeueAsync(ParkedQueue queue, ParkedSelection selection, CancellationToken stop) => RunAsync(queue, selection, TryRequeueAsync, stop);

    /// <summary>Removes messages for good.</summary>
    public static Task<ParkedMoved> DiscardAsync(ParkedQueue queue, ParkedSelection selection, CancellationToken stop) => RunAsync(
        queue, selection,
        async (queue, taken, _, stop) =>
        {
            await queue.DiscardAsync(taken, stop);
            return null;
        },
        stop);

    /// <param name="move">Answers why not; null when it is done.</param>
    private static async Task<ParkedMoved> RunAsync(
        ParkedQueue queue, ParkedSelection selection, Func<ParkedQueue, BasicGetResult, ParkedMessage, CancellationToken, Task<string?>> move, CancellationToken stop)
    {
        var missing = selection.Ids?.ToHashSet();
        var seen = new HashSet<string>();
        var moved = new List<string>();
        var left = new List<ParkedLeft>();
        // Named ones are looked for until they are found: one that is sent back may be parked again at once, and is not the same any more.
        while (missing is not { Count: 0 } && await queue.TakeAsync(stop) is { } taken)
        {
            var message = ParkedMessage.Of(taken);
            if (!selection.Means(message))
            {
                continue;
            }
            missing?.Remove(message.Id);
            if (!seen.Add(message.Id))
            {
                left.Add(new ParkedLeft(message.Id, "one of this id was there before it: another copy, or it came back"));
            }
            else if (await move(queue, taken, message, stop) is { } why)
            {
                left.Add(new ParkedLeft(message.Id, why));
            }
            else
            {
                moved.Add(message.Id);
            }
        }
        return new ParkedMoved(moved, left, [.. missing ?? []]);
    }

    private static async Task<string?> TryRequeueAsync(ParkedQueue queue, BasicGetResult taken, ParkedMessage message, CancellationToken stop)
    {
        if (message.From is null)
        {
            return "where it came from is not known";
        }
        try
        {
            await queue.RequeueAsync(taken, message.From, stop);
            return null;
        }
        catch (PublishException refused)
        {
            return refused.IsReturn ? $"{message.From} takes nothing: is the topology there?" : $"RabbitMQ refused it in {message.From}";
        }
    }
}

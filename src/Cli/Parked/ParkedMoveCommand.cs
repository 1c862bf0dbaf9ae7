using System.CommandLine;
using PushFanout.Worker.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked requeue</c> and <c>discard</c>.</summary>
internal static class ParkedMoveCommand
{
    public static Command Requeue() => Create(
        "requeue", "Puts parked messages back where they came from, as they were. Ends with 1 when one could not be or is not there.", "requeued",
        async (queue, taken, message, stop) =>
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
        });

    public static Command Discard() => Create(
        "discard", "Removes parked messages for good. Ends with 1 when one is not there.", "discarded",
        async (queue, taken, _, stop) =>
        {
            await queue.DiscardAsync(taken, stop);
            return null;
        });

    /// <param name="move">Answers why not; null when it is done.</param>
    private static Command Create(string name, string description, string done, Func<ParkedQueue, BasicGetResult, ParkedMessage, CancellationToken, Task<string?>> move)
    {
        var selection = new ParkedSelection();
        var broker = new BrokerOptionGroup();
        var json = JsonOption.Create();
        var command = new Command(name, description) { json };
        selection.AddTo(command);
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var queue = await ParkedQueue.OpenAsync(broker.Read(parsed)!, stop);
            var missing = selection.Ids(parsed);
            var seen = new HashSet<string>();
            var moved = new List<string>();
            var left = new List<(ParkedMessage Message, string Why)>();
            // Named ones are looked for until they are found: one that is sent back may be parked again at once, and is not the same any more.
            var named = missing.Count > 0;
            while (!(named && missing.Count == 0) && await queue.TakeAsync(stop) is { } taken)
            {
                var message = ParkedMessage.Of(taken);
                if (!selection.Means(parsed, message))
                {
                    continue;
                }
                missing.Remove(message.Id);
                if (!seen.Add(message.Id))
                {
                    left.Add((message, "one of this id was there before it: another copy, or it came back"));
                }
                else if (await move(queue, taken, message, stop) is { } why)
                {
                    left.Add((message, why));
                }
                else
                {
                    moved.Add(message.Id);
                }
            }
            ParkedReport.WriteMoved(parsed.InvocationConfiguration.Output, done, moved, left, [.. missing], parsed.GetValue(json));
            return left.Count + missing.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}

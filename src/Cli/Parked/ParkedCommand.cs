using System.CommandLine;
using PushFanout.Worker.Messaging;
using PushFanout.Worker.Messaging.RabbitMq;
using PushFanout.Worker.Parked;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked</c>: messages that nobody could read, or that no worker could handle.</summary>
internal static class ParkedCommand
{
    public static Command Create() => new("parked", "Messages that were put aside for an operator.")
    {
        ParkedListCommand.Create(),
        ParkedShowCommand.Create(),
        ParkedMoveCommand.Requeue(),
        ParkedMoveCommand.Discard(),
    };

    /// <exception cref="RouteMissingException">The queue is not there.</exception>
    public static async Task<ParkedQueue> OpenAsync(BrokerConnection broker, CancellationToken stop) =>
        await ParkedQueue.OpenAsync(broker, stop)
        ?? throw new RouteMissingException($"{broker} has no queue {QueueNames.Parked}: start a worker, or run '{OwnName.Command} topology apply'.");
}

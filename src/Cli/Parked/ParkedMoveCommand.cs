using System.CommandLine;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Parked;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked requeue</c> and <c>discard</c>.</summary>
internal static class ParkedMoveCommand
{
    public static Command Requeue() => Create(
        "requeue", "Puts parked messages back where they came from, as they were. Ends with 1 when one could not be or is not there.", "requeued", ParkedMove.RequeueAsync);

    public static Command Discard() => Create(
        "discard", "Removes parked messages for good. Ends with 1 when one is not there.", "discarded", ParkedMove.DiscardAsync);

    private static Command Create(string name, string description, string done, Func<ParkedQueue, ParkedSelection, CancellationToken, Task<ParkedMoved>> move)
    {
        var selection = new ParkedSelectionArguments();
        var broker = new BrokerOptionGroup();
        var json = JsonOption.Create();
        var command = new Command(name, description) { json };
        selection.AddTo(command);
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var queue = await ParkedCommand.OpenAsync(broker.Read(parsed)!, stop);
            var moved = await move(queue, selection.Read(parsed), stop);
            ParkedReport.WriteMoved(parsed.InvocationConfiguration.Output, done, moved, parsed.GetValue(json));
            return moved.Left.Count + moved.Missing.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}

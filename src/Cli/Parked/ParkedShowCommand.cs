using System.CommandLine;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Parked;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked show</c>: one message; what is in it only when asked for, since it is what some service wrote to its users.</summary>
internal static class ParkedShowCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The message, as 'parked list' names it." };
        var body = new Option<bool>("--body") { Description = "Shows its content too, with fingerprints in the place of device tokens." };
        var broker = new BrokerOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("show", "Shows a parked message. Ends with 1 when it is not there.") { id, body, json };
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var queue = await ParkedCommand.OpenAsync(broker.Read(parsed)!, stop);
            while (await queue.TakeAsync(stop) is { } taken)
            {
                if (ParkedMessage.Of(taken) is var message && message.Id == parsed.GetValue(id))
                {
                    var content = parsed.GetValue(body) ? ParkedBody.Read(taken.Body).Content() : null;
                    ParkedReport.Write(parsed.InvocationConfiguration.Output, message, content, parsed.GetValue(json));
                    return ExitCodes.Success;
                }
            }
            await parsed.InvocationConfiguration.Error.WriteLineAsync("No such message is parked.");
            return ExitCodes.Failure;
        });
        return command;
    }
}

using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout parked list</c>: what is there, and why. Nothing is taken away.</summary>
internal static class ParkedListCommand
{
    private const int MostUnlessAsked = 100;

    public static Command Create()
    {
        var limit = new Option<int>("--limit") { Description = "Messages listed at most, the oldest first.", HelpName = "N", DefaultValueFactory = _ => MostUnlessAsked };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--limit must be at least 1.");
            }
        });
        var broker = new BrokerOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("list", "Lists parked messages, the oldest first. Ends with 0, also when there are none.") { limit, json };
        broker.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var queue = await ParkedCommand.OpenAsync(broker.Read(parsed)!, stop);
            var (oldest, more) = await queue.ListAsync(parsed.GetValue(limit), stop);
            ParkedReport.WriteList(parsed.InvocationConfiguration.Output, oldest, more, parsed.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }
}

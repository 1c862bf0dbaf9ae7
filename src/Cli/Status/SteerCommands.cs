using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout pause</c>, <c>resume</c> and <c>cancel</c>.</summary>
internal static class SteerCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("pause", "Sends nothing more of a notification until it is resumed."),
        Create("resume", "Goes on with a notification that was paused."),
        Create("cancel", "Sends nothing more of a notification, for good."),
    ];

    private static Command Create(string action, string description)
    {
        var id = new Argument<Guid>("id") { Description = "The notification; one that no worker has seen yet will be treated so when it comes." };
        var api = new ApiOptionGroup();
        var json = JsonOption.Create();
        var command = new Command(action, description) { id, json };
        api.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var (text, steering) = await worker.SteerAsync(parsed.GetValue(id), action, stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? text : Describe(steering));
            return steering.Applied || !steering.Known ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static string Describe(Steering steering) => steering switch
    {
        { Known: false } => "Not seen yet; kept for when it comes.",
        { Applied: true } => $"Now {steering.State}.",
        _ => $"Nothing changed: it is {steering.State}.",
    };
}

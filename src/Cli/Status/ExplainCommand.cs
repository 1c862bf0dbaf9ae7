using System.CommandLine;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout explain</c>: why a device or user did not get a push.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("id") { Description = "The notification." };
        var token = new Option<string?>("--token") { Description = "The device, by its token in hex; also one that is not registered any more.", HelpName = "HEX" };
        var device = new Option<string?>("--device") { Description = "The device, by the id that the app gave it.", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "All devices of a user.", HelpName = "ID" };
        var api = new ApiOptionGroup();
        var json = new Option<bool>("--json") { Description = "Prints what the worker answered, for programs." };
        var command = new Command("explain", "Tells why a device did not get a push, by the HTTP API of any worker.") { id, token, device, user, json };
        api.AddTo(command);
        (Option<string?> Option, string Field)[] selectors = [(token, "token"), (device, "deviceId"), (user, "userId")];
        command.Validators.Add(result =>
        {
            if (selectors.Count(selector => result.GetResult(selector.Option) is not null) != 1)
            {
                result.AddError("One of --token, --device and --user is needed.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var (option, field) = selectors.Single(selector => parsed.GetResult(selector.Option) is not null);
            if (await worker.ExplainAsync(parsed.GetValue(id), field, parsed.GetValue(option) ?? "", stop) is not { } answer)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync("No such notification: never seen, refused, forgotten, or of an app that this worker does not serve.");
                return ExitCodes.Failure;
            }
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (parsed.GetValue(json))
            {
                screen.Line(answer.Json);
            }
            else
            {
                ExplanationReport.Write(screen, answer.Explanation);
            }
            return answer.Explanation.Found is DeviceFinding.Devices ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}

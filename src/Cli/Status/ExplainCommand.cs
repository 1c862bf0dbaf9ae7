using System.CommandLine;
using PushFanout.Contracts;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout explain</c>: why a device or user did not get a push.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("id") { Description = "The notification." };
        var token = new TokenOptionGroup("The device, also one that is not registered any more");
        var device = new Option<string?>("--device") { Description = "The device, by the id that the app gave it.", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "All devices of a user.", HelpName = "ID" };
        var api = new ApiOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("explain", "Tells why a device did not get a push, by the HTTP API of any worker.") { id };
        token.AddTo(command);
        Array.ForEach((Option[])[device, user, json], command.Add);
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            bool[] given = [token.IsGiven(result), result.GetResult(device) is not null, result.GetResult(user) is not null];
            if (given.Count(one => one) != 1)
            {
                result.AddError("One of --token (or --token-file), --device and --user is required.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var (field, value) = await token.ReadBytesAsync(parsed, most: 1, stop) is [var bytes] ? ("token", DeviceTokenText.Encode(bytes))
                : parsed.GetValue(device) is { } deviceId ? ("deviceId", deviceId)
                : ("userId", parsed.GetValue(user) ?? "");
            if (await worker.ExplainAsync(parsed.GetValue(id), field, value, stop) is not { } answer)
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

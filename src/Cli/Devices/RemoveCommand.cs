using System.CommandLine;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices remove</c>: what an app back end does by <c>DeviceUnregistered</c>, by hand.</summary>
internal static class RemoveCommand
{
    public static Command Create()
    {
        var app = AppOption.Create();
        var tokens = new TokenOptionGroup("The devices");
        var device = new Option<string?>("--device") { Description = "The device, by the app's own id.", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "All devices of this user.", HelpName = "ID" };
        var store = new DeviceStoreOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("remove", "Removes devices: nothing more is sent to them until they register again. Ends with 0 also when they were not there.") { app };
        tokens.AddTo(command);
        Array.ForEach((Option[])[device, user, json], command.Add);
        store.AddTo(command);
        command.Validators.Add(result =>
        {
            bool[] given = [tokens.IsGiven(result), result.GetResult(device) is not null, result.GetResult(user) is not null];
            if (given.Count(one => one) != 1)
            {
                result.AddError("One of --token (or --token-file), --device and --user is required.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            var at = TimeProvider.System.GetUtcNow();
            IEnumerable<string?> texts = await tokens.ReadBytesAsync(parsed, Audience.MaxMembers, stop) is { } bytes
                ? bytes.Select(token => (string?)DeviceTokenText.Encode(token))
                : [null];
            var meant = texts
                .Select(token => new DeviceUnregistered { App = name, Token = token, DeviceId = parsed.GetValue(device), UserId = parsed.GetValue(user), At = at })
                .ToList();
            if (DeviceUnregisteredValidator.Validate(meant[0]) is { Count: > 0 } faults)
            {
                await FaultLines.WriteAsync(faults, parsed.InvocationConfiguration.Error);
                return ExitCodes.Usage;
            }
            var removed = 0L;
            await using var opened = await store.OpenAsync(parsed, name, stop);
            foreach (var one in meant)
            {
                removed += await opened.RemoveAsync(one, stop);
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(new { removed }) : $"{Screen.Number(removed)} removed.");
            return ExitCodes.Success;
        });
        return command;
    }
}

using System.CommandLine;
using System.Text.Json;
using PushFanout.Contracts;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices add</c>: what an app back end does by <c>DeviceRegistered</c>, by hand.</summary>
internal static class AddCommand
{
    public static Command Create()
    {
        var app = AppOption.Create();
        var tokens = new TokenOptionGroup("The devices");
        var user = new Option<string?>("--user") { Description = "Who uses them.", HelpName = "ID" };
        var device = new Option<string?>("--device") { Description = "The app's own id of the device, for one token: a new token replaces the old one.", HelpName = "ID" };
        var audiences = new Option<string[]>("--audience") { Description = "An audience they are in, beside 'all'. May be repeated. Without any, known devices keep theirs.", HelpName = "NAME" };
        var store = new DeviceStoreOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("add", "Registers devices, or renews their registration.") { app };
        tokens.AddTo(command);
        Array.ForEach((Option[])[user, device, audiences, json], command.Add);
        store.AddTo(command);
        command.Validators.Add(result =>
        {
            if (!tokens.IsGiven(result))
            {
                result.AddError("--token or --token-file is required.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            var at = TimeProvider.System.GetUtcNow();
            var devices = (await tokens.ReadBytesAsync(parsed, Audience.MaxMembers, stop))!.Select(token => new DeviceRegistered
            {
                App = name,
                Token = DeviceTokenText.Encode(token),
                UserId = parsed.GetValue(user),
                DeviceId = parsed.GetValue(device),
                Audiences = parsed.GetValue(audiences) is { Length: > 0 } names ? names : null,
                At = at,
            }).ToList();
            if (devices.Count > 1 && parsed.GetValue(device) is not null)
            {
                throw new UsageException("--device: It names one device, but there are several tokens.");
            }
            if (DeviceRegisteredValidator.Validate(devices[0]) is { Count: > 0 } faults)
            {
                await FaultLines.WriteAsync(faults, parsed.InvocationConfiguration.Error);
                return ExitCodes.Usage;
            }
            var counts = new long[Enum.GetValues<RegistrationResult>().Length];
            await using var opened = await store.OpenAsync(parsed, name, stop);
            foreach (var registered in devices)
            {
                counts[(int)await opened.AddAsync(registered, stop)]++;
            }
            var (added, renewed, stale) = (counts[(int)RegistrationResult.Added], counts[(int)RegistrationResult.Renewed], counts[(int)RegistrationResult.Stale]);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { added, renewed, stale })
                : $"{Screen.Number(added)} added, {Screen.Number(renewed)} renewed{(stale > 0 ? $", {Screen.Number(stale)} left: a later registration or removal stands" : "")}.");
            return ExitCodes.Success;
        });
        return command;
    }
}

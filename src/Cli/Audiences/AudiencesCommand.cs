using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout audiences</c>: which audiences an app has, and how large they are.</summary>
internal static class AudiencesCommand
{
    public static Command Create()
    {
        var app = AppOption.Create();
        var store = new DeviceStoreOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("audiences", "Lists the audiences of an app and how many devices are in each.") { app, json };
        store.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var devices = await store.OpenAsync(parsed, parsed.GetRequiredValue(app), stop);
            AudienceSizes.Write(new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System), await devices.ListAudiencesAsync(stop), parsed.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }
}

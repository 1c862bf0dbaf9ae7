using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli.Demo;

/// <summary><c>pushfanout demo</c>: the main job in ten seconds, with nothing installed.</summary>
internal static class DemoCommand
{
    private const int ManyDevices = 100_000;
    private const int FewDevices = 20_000;
    private const int FewProcessors = 2;
    private const int MostDevices = 1_000_000;

    public static Command Create()
    {
        var devices = new Option<int>("--devices")
        {
            Description = $"How many devices to send to. Default: {ManyDevices}, or {FewDevices} with {FewProcessors} processors or fewer.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount > FewProcessors ? ManyDevices : FewDevices,
        };
        devices.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number is >= 1000 and <= MostDevices))
            {
                result.AddError($"--devices must be a whole number from 1000 to {MostDevices}.");
            }
        });
        var logs = new Option<bool>("--logs") { Description = "Shows the worker's log as well." };
        var command = new Command("demo", "Sends to many devices on embedded parts: no RabbitMQ, Redis or Apple account needed. Fails when a count does not add up.")
        {
            devices,
            logs,
        };
        command.SetAction((parsed, stop) => RunAsync(
            parsed.GetValue(devices), parsed.GetValue(logs), new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System), stop));
        return command;
    }

    private static async Task<int> RunAsync(int devices, bool logs, Screen screen, CancellationToken stop)
    {
        screen.Line("PushFanout: one message in, one push to every device out, every one accounted for.");
        await using var installation = await EmbeddedInstallation.StartAsync(
            Story.UnregisteredShare,
            new Dictionary<string, string?>
            {
                ["PushFanout:Transport"] = "in-memory",
                [$"PushFanout:Apps:{BrakeAct.App}:Topic"] = EmbeddedInstallation.Topic,
                [$"PushFanout:Apps:{BrakeAct.App}:Environment"] = "sandbox",
                [$"PushFanout:Apps:{BrakeAct.App}:Credential"] = "simulator",
                ["PushFanout:Roles"] = "intake,expansion,dispatch,feedback",
                ["Logging:LogLevel:Default"] = logs ? "Information" : "None",
                ["Logging:LogLevel:Microsoft"] = logs ? "Warning" : "None",
            },
            stop);
        var balanced = await new Story(installation, screen, TimeProvider.System).TellAsync(devices, stop);
        return balanced ? ExitCodes.Success : ExitCodes.Failure;
    }
}

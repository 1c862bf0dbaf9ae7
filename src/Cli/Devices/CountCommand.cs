using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices count</c>: how many devices an expression means, or each audience of an app has.</summary>
internal static class CountCommand
{
    public static Command Create()
    {
        var app = AppOption.Create();
        var audience = new AudienceOptionGroup();
        var redis = new RedisOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("count", "Counts the devices of an app: those that are meant, or without --audience, --all-of and --none-of each audience.") { app };
        audience.AddTo(command);
        command.Add(json);
        redis.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            await using var devices = await RedisDevices.OpenAsync(redis.Read(parsed), name, newShards: null, stop);
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (audience.Read(parsed) is { } expression)
            {
                await devices.RequireAsync(expression, stop);
                var count = await devices.Cache.CountAsync(name, expression, stop);
                screen.Line(parsed.GetValue(json) ? JsonSerializer.Serialize(new { devices = count }) : Screen.Number(count));
            }
            else
            {
                AudienceSizes.Write(screen, await devices.ListAudiencesAsync(stop), parsed.GetValue(json));
            }
            return ExitCodes.Success;
        });
        return command;
    }
}

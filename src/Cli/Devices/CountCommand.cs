using System.CommandLine;
using System.Text.Json;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices count</c>: how large every audience of an app is.</summary>
internal static class CountCommand
{
    public static Command Create()
    {
        var app = AppOption.Create();
        var redis = new RedisOptionGroup();
        var json = new Option<bool>("--json") { Description = "Prints JSON, for programs." };
        var command = new Command("count", "Counts the devices of an app, audience by audience.") { app, json };
        redis.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            await using var connection = new RedisConnection(redis.Read(parsed));
            var cache = new RedisTokenCache(connection);
            var name = parsed.GetRequiredValue(app);
            if (await cache.FindShardsAsync(name, stop) is not { } shards)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"Redis holds no app '{name}'.");
                return ExitCodes.Failure;
            }
            await cache.OpenAppAsync(name, shards, stop);
            var audiences = await cache.ListAudiencesAsync(name, stop);
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (parsed.GetValue(json))
            {
                screen.Line(JsonSerializer.Serialize(audiences.ToDictionary(audience => audience.Name, audience => audience.Tokens)));
            }
            else
            {
                screen.Table(["audience", "devices"], audiences.Select(audience => (string[])[audience.Name, Screen.Number(audience.Tokens)]));
            }
            return ExitCodes.Success;
        });
        return command;
    }
}

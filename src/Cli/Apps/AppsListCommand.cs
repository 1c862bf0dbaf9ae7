using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Http;

namespace PushFanout.Cli;

/// <summary><c>pushfanout apps list</c>: those of a running worker, or of its settings.</summary>
internal static class AppsListCommand
{
    private static readonly JsonSerializerOptions Json = MakeOptions();

    public static Command Create()
    {
        var api = new ApiOptionGroup();
        var config = new ConfigOption();
        var json = JsonOption.Create();
        var command = new Command("list", "Lists the apps of a running worker (--url), or of a worker's settings (--config).") { json };
        api.AddTo(command, required: false);
        config.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            IReadOnlyList<AppView> apps;
            if (!config.IsNamed(parsed) && api.IsGiven(parsed.CommandResult))
            {
                using var worker = api.Open(parsed);
                (_, apps) = await worker.ListAppsAsync(stop);
            }
            else
            {
                var options = WorkerSettings.Check(config.Read(parsed));
                apps = [.. options.Apps.OrderBy(app => app.Key, StringComparer.Ordinal).Select(app => AppView.Of(app.Key, app.Value))];
            }
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (parsed.GetValue(json))
            {
                screen.Line(JsonSerializer.Serialize(new { apps }, Json));
            }
            else
            {
                Write(screen, apps);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Write(Screen screen, IReadOnlyList<AppView> apps) => screen.Table(
        ["app", "topic", "environment", "credential", "pushes/s", "deadline", "sources"],
        apps.Select(app => (string[])
        [
            app.Name, app.Topic, $"{app.Environment}".ToLowerInvariant(), app.Credential, app.PushesPerSecond is { } rate ? Screen.Number(rate) : "no limit",
            $"{app.DefaultDeadline:c}", string.Join(' ', app.AllowedSources),
        ]));

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        HttpJson.Configure(options);
        return options;
    }
}

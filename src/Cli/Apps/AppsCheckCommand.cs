using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout apps check</c>: what a worker would find at its start, and what APNs says to it.</summary>
internal static class AppsCheckCommand
{
    private const int MostAtOnce = 4;

    public static Command Create()
    {
        var config = new ConfigOption();
        var only = new Option<string[]>("--app") { Description = "Only this app. May be repeated. Default: all.", HelpName = "NAME" };
        var connect = new Option<bool>("--connect") { Description = "Asks APNs too, by a push to a token that no device has: whether it takes credential and topic." };
        var json = JsonOption.Create();
        var command = new Command("check", "Checks the settings of apps and loads their keys and certificates, as a worker does. Ends with 78 when one cannot work, with 1 when APNs refuses one.");
        Array.ForEach((Option[])[only, connect, json], command.Add);
        config.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var options = WorkerSettings.Check(config.Read(parsed)); // loads every credential; what cannot work ends here
            var names = parsed.GetValue(only) is { Length: > 0 } given ? given : [.. options.Apps.Keys.Order(StringComparer.Ordinal)];
            if (names.FirstOrDefault(name => !options.Apps.ContainsKey(name)) is { } missing)
            {
                throw new UsageException($"--app: The settings have no app '{missing}'.");
            }
            var checks = parsed.GetValue(connect) ? await AskAsync(options, names, stop) : [.. names.Select(name => Row(name, options.Apps[name], true, "settings and credential can work"))];
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (parsed.GetValue(json))
            {
                screen.Line(JsonSerializer.Serialize(new { apps = checks }, JsonSerializerOptions.Web));
            }
            else
            {
                screen.Table(
                    ["app", "topic", "environment", "credential", "works", "seen"],
                    checks.Select(check => (string[])[check.App, check.Topic, check.Environment, check.Credential, check.Works ? "yes" : "NO", check.Seen]));
            }
            return checks.All(check => check.Works) ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static async Task<IReadOnlyList<AppCheck>> AskAsync(PushFanoutOptions options, IReadOnlyList<string> names, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        using var credentials = CredentialSet.Load(options.Credentials, clock);
        var roots = options.Apns.TrustedCaFile is { } file ? TrustedRoots.Load(file) : null;
        using var few = new SemaphoreSlim(MostAtOnce);
        return await Task.WhenAll(names.Select(async name =>
        {
            await few.WaitAsync(stop);
            try
            {
                var app = options.Apps[name];
                var (reply, seen) = await ApnsQuestion.AskAsync(app, options.Apns, credentials.ByName[app.Credential], roots, clock, stop);
                return Row(name, app, reply == ApnsReply.Fine, reply == ApnsReply.Fine ? $"APNs takes credential and topic: {seen}" : seen);
            }
            finally
            {
                few.Release();
            }
        }));
    }

    private static AppCheck Row(string name, AppOptions app, bool works, string seen) =>
        new(name, app.Topic, $"{app.Environment}".ToLowerInvariant(), app.Credential, works, seen);

    private sealed record AppCheck(string App, string Topic, string Environment, string Credential, bool Works, string Seen);
}

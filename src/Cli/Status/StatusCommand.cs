using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout status</c>: where a notification stands, or which ones there are.</summary>
internal static class StatusCommand
{
    private const int Latest = 20;
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LongestWatch = TimeSpan.FromDays(1);

    public static Command Create()
    {
        var id = new Argument<Guid?>("id") { Description = "The notification. Without one: the latest, newest first.", Arity = ArgumentArity.ZeroOrOne };
        var api = new ApiOptionGroup();
        var watch = new Option<bool>("--watch") { Description = "Follows the notification until it is done, or without one the list until Ctrl+C." };
        var limit = new Option<int>("--limit") { Description = "How many are listed, 1–200.", HelpName = "N", DefaultValueFactory = _ => Latest };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostAtOnce)
            {
                result.AddError($"--limit must be 1–{MostAtOnce}.");
            }
        });
        var before = MomentOption.Create("--before", "Lists those that were asked for before.", TimeProvider.System, past: true);
        var json = JsonOption.Create();
        var command = new Command("status", "Shows where a notification stands, or which ones there are, by the HTTP API of any worker.") { id, watch, limit, before, json };
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(watch) is not null && result.GetResult(before) is not null)
            {
                result.AddError("--watch follows the latest; --before is for what was.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            if (parsed.GetValue(id) is { } notification)
            {
                return await ShowAsync(worker, notification, parsed.GetValue(watch), parsed.GetValue(json), screen, parsed.InvocationConfiguration.Error, stop);
            }
            if (parsed.GetValue(watch))
            {
                await new ListWatch(worker, TimeProvider.System).FollowAsync(parsed.GetValue(limit), parsed.GetValue(json), screen, stop);
                return ExitCodes.Success;
            }
            var page = await worker.ListAsync(parsed.GetValue(limit), parsed.GetValue(before), stop);
            NotificationReport.Write(screen, page, parsed.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<int> ShowAsync(WorkerApi api, Guid id, bool watch, bool json, Screen screen, TextWriter error, CancellationToken stop)
    {
        var found = await api.FindAsync(id, stop);
        if (found is { View.CompletedAt: null } && watch)
        {
            var watching = new NotificationWatch(api, TimeProvider.System);
            found = json
                ? await watching.FollowAsync(id, LongestWatch, Silence.Instance, stop)
                : await screen.FollowAsync(progress => watching.FollowAsync(id, LongestWatch, progress, stop));
        }
        if (found is not { } known)
        {
            await error.WriteLineAsync("No such notification: never seen, refused, or forgotten.");
            return ExitCodes.Failure;
        }
        if (json)
        {
            screen.Line(known.Json);
        }
        else
        {
            NotificationReport.Write(screen, NotificationSummary.Of(known.View));
        }
        return ExitCodes.Success;
    }
}

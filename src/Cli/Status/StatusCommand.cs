using System.CommandLine;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout status</c>: where a notification stands, or which ones there are.</summary>
internal static class StatusCommand
{
    private const int Latest = 20;
    private static readonly TimeSpan LongestWatch = TimeSpan.FromDays(1);

    public static Command Create()
    {
        var id = new Argument<Guid?>("id") { Description = "The notification. Without one: the latest 20.", Arity = ArgumentArity.ZeroOrOne };
        var api = new ApiOptionGroup();
        var watch = new Option<bool>("--watch") { Description = "Follows the notification until it is done." };
        var json = new Option<bool>("--json") { Description = "Prints what the worker answered, for programs." };
        var command = new Command("status", "Shows where a notification stands, by the HTTP API of any worker.") { id, watch, json };
        api.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(watch) is not null && result.GetResult(id) is null or { Tokens.Count: 0 })
            {
                result.AddError("--watch needs the id of a notification.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            return parsed.GetValue(id) is { } notification
                ? await ShowAsync(worker, notification, parsed.GetValue(watch), parsed.GetValue(json), screen, parsed.InvocationConfiguration.Error, stop)
                : await ListAsync(worker, parsed.GetValue(json), screen, stop);
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

    private static async Task<int> ListAsync(WorkerApi api, bool json, Screen screen, CancellationToken stop)
    {
        var (text, notifications) = await api.ListAsync(Latest, stop);
        if (json)
        {
            screen.Line(text);
        }
        else
        {
            NotificationReport.Write(screen, notifications);
        }
        return ExitCodes.Success;
    }
}

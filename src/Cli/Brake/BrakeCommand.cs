using System.CommandLine;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Http;

namespace PushFanout.Cli;

/// <summary><c>pushfanout brake</c>: how the brake of an app stands, and what an operator says about it.</summary>
internal static class BrakeCommand
{
    public static Command Create() => new("brake", "Shows and decides what the brake of an app holds: sends that wait, and reported tokens that were not removed.")
    {
        Create("status", "Shows how the brake stands.", (worker, app, stop) => worker.ReadBrakeAsync(app, stop)),
        Create("resume", "The cause is mended: the sends go on, few at first. Quarantined tokens stay where they are.", Decide("resume")),
        Create("release", "The answers are right: the sends go on, and quarantined tokens are removed.", Decide("release")),
        Create("discard", "The answers were a mistake that is mended: the sends go on, and quarantined tokens are kept.", Decide("discard")),
    };

    private static Func<WorkerApi, string, CancellationToken, Task<(string Json, BrakeView Brake)>> Decide(string decision) =>
        (worker, app, stop) => worker.DecideBrakeAsync(app, decision, stop);

    private static Command Create(string name, string description, Func<WorkerApi, string, CancellationToken, Task<(string Json, BrakeView Brake)>> ask)
    {
        var app = new Argument<string>("app") { Description = "The app." };
        var api = new ApiOptionGroup();
        var json = JsonOption.Create();
        var command = new Command(name, description) { app, json };
        api.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var worker = api.Open(parsed);
            var (text, brake) = await ask(worker, parsed.GetValue(app)!, stop);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? text : Describe(brake));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Describe(BrakeView brake) => string.Join(Environment.NewLine, Lines(brake));

    private static IEnumerable<string> Lines(BrakeView brake)
    {
        yield return brake.Open
            ? $"{brake.App}: OPEN since {brake.OpenedAt:u}. Sends wait, nothing is removed."
            : $"{brake.App}: closed{(brake.OpenedAt is { } last ? $"; it opened last at {last:u}" : "")}.";
        if (brake.OpenedAt is not null)
        {
            yield return $"  It opened at {Screen.Number(brake.Unregistered)} unregistered and {Screen.Number(brake.Suspect)} suspect of {Screen.Number(brake.Answers)} answers.";
        }
        if (brake.RestsUntil is { } until)
        {
            yield return $"  APNs refuses the credential; a few pushes try again at {until:u}.";
        }
        foreach (var (reason, tokens) in brake.Quarantined.OrderByDescending(entry => entry.Value))
        {
            yield return $"  in quarantine: {Screen.Number(tokens)} tokens reported as {reason}";
        }
        if (brake.Open)
        {
            yield return $"  Mend the cause (environment, topic, key), then: {OwnName.Command} brake resume|release|discard {brake.App}";
        }
    }
}

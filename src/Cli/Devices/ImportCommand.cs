using System.CommandLine;
using System.Text.Json;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices import</c>: a whole token base at once, in bounded memory.</summary>
internal static class ImportCommand
{
    private const int DefaultShards = 1024;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file, or - for standard input. Lines that cannot be used are left out and named; the exit code is then 1." };
        var app = AppOption.Create();
        var format = new Option<string>("--format")
        {
            Description = "tokens: one in hex on each line; jsonl: an object with token, userId, deviceId, audiences, at on each line; "
                + "csv: a header with those names, audiences separated by semicolons; auto: by the first line.",
            HelpName = "NAME",
            DefaultValueFactory = _ => DeviceFormats.Auto,
        };
        format.AcceptOnlyFromAmong([DeviceFormats.Auto, .. DeviceFormats.Names]);
        var shards = new Option<int>("--shards")
        {
            Description = "For an app that Redis does not hold yet: as the workers have it.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultShards,
        };
        var checkpoint = CheckpointOption.Create();
        var redis = new RedisOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("import", "Registers devices from a file; importing it again renews them.") { file, app, format, shards, checkpoint, json };
        redis.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(checkpoint) is not null && result.GetResult(file) is { Tokens: [{ Value: ProgramStreams.InputName }] })
            {
                result.AddError($"{CheckpointOption.Name} needs a file: standard input cannot be read again.");
            }
        });
        shards.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65_536)
            {
                result.AddError("--shards must be 1–65,536.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            await using var input = ProgramStreams.Open(parsed, parsed.GetRequiredValue(file));
            var devices = new DeviceFile(input, parsed.GetRequiredValue(format), name, TimeProvider.System);
            await using var opened = await RedisDevices.OpenAsync(redis.Read(parsed), name, parsed.GetValue(shards), stop);
            var run = new ImportRun(
                opened.Cache, name, devices, input.CanSeek ? input.Length : 0, new Checkpoint<ImportProgress>(parsed.GetValue(checkpoint)), TimeProvider.System);
            var screen = new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System);
            var summary = parsed.GetValue(json)
                ? await run.RunAsync(Silence.Instance, stop)
                : await screen.FollowAsync(progress => run.RunAsync(progress, stop));
            if (parsed.GetValue(json))
            {
                screen.Line(JsonSerializer.Serialize(summary, JsonSerializerOptions.Web));
            }
            else
            {
                await WriteAsync(summary, screen, parsed.InvocationConfiguration.Error);
            }
            return summary.LeftOut == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static async Task WriteAsync(ImportSummary summary, Screen screen, TextWriter error)
    {
        string[][] before = summary.Before > 0 ? [["done before it was stopped", Screen.Number(summary.Before)]] : [];
        screen.Table(["", "devices"],
        [
            .. before,
            ["added", Screen.Number(summary.Added)],
            ["renewed", Screen.Number(summary.Renewed)],
            ["older than what is there", Screen.Number(summary.Stale)],
            ["lines left out", Screen.Number(summary.LeftOut)],
        ]);
        screen.Line($"  in {Screen.Seconds(TimeSpan.FromSeconds(summary.Seconds))}");
        foreach (var (line, fault) in summary.Faults)
        {
            await error.WriteLineAsync($"line {line}: {fault}");
        }
        if (summary.LeftOut > summary.Faults.Count)
        {
            await error.WriteLineAsync($"and {Screen.Number(summary.LeftOut - summary.Faults.Count)} more lines");
        }
    }
}

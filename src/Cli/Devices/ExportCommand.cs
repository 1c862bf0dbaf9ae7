using System.CommandLine;
using System.Text;
using System.Text.Json;
using PushFanout.TokenCache;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices export</c>: a token base into a file that <c>devices import</c> reads, in bounded memory.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file, readable by its owner only, or - for standard output." };
        var app = AppOption.Create();
        var audience = new AudienceOptionGroup();
        var format = new Option<string>("--format")
        {
            Description = "As 'devices import' reads it: jsonl and csv have everything, tokens only the tokens.",
            HelpName = "NAME",
            DefaultValueFactory = _ => DeviceFormats.JsonLines,
        };
        format.AcceptOnlyFromAmong(DeviceFormats.Names);
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces the file if it is there." };
        var checkpoint = CheckpointOption.Create();
        var redis = new RedisOptionGroup();
        var json = JsonOption.Create();
        var command = new Command("export", "Writes the devices of an app into a file. A device that comes or goes meanwhile may be in it or not.") { file, app };
        audience.AddTo(command);
        Array.ForEach((Option[])[format, overwrite, checkpoint, json], command.Add);
        redis.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(file) is { Tokens: [{ Value: ProgramStreams.InputName }] } && (result.GetResult(checkpoint) ?? result.GetResult(json)) is not null)
            {
                result.AddError($"{CheckpointOption.Name} and --json need a file to write to.");
            }
        });
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            var meant = audience.Read(parsed);
            await using var source = await RedisDevices.OpenAsync(redis.Read(parsed), name, newShards: null, stop);
            await source.RequireAsync(meant, stop);
            var run = new ExportRun(source, name, new DeviceText(parsed.GetRequiredValue(format)), meant, TimeProvider.System);
            var beginning = new ExportProgress(Describe(name, parsed.GetRequiredValue(format), meant), 0, 0, 0);
            if (parsed.GetRequiredValue(file) is not ProgramStreams.InputName and var path)
            {
                var summary = await ToFileAsync(run, beginning, path, new Checkpoint<ExportProgress>(parsed.GetValue(checkpoint)), parsed.GetValue(overwrite), parsed.GetValue(json),
                    new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System), stop);
                await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(summary, JsonSerializerOptions.Web)
                    : $"{Screen.Number(summary.Devices)} devices in {path}, {Screen.Number(summary.Bytes)} bytes, in {Screen.Seconds(TimeSpan.FromSeconds(summary.Seconds))}.");
                return ExitCodes.Success;
            }
            await run.RunAsync(
                beginning, text => parsed.InvocationConfiguration.Output.WriteAsync(Encoding.UTF8.GetString(text.Span)), _ => Task.CompletedTask, Silence.Instance, stop);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<ExportSummary> ToFileAsync(
        ExportRun run, ExportProgress beginning, string path, Checkpoint<ExportProgress> checkpoint, bool overwrite, bool json, Screen screen, CancellationToken stop)
    {
        var done = checkpoint.Find() ?? beginning;
        if (done.Meant != beginning.Meant)
        {
            throw checkpoint.Foreign(done.Meant);
        }
        await using var target = Open(path, done, overwrite, checkpoint);
        var summary = json ? await RunAsync(Silence.Instance) : await screen.FollowAsync(RunAsync);
        checkpoint.Delete();
        return summary;

        // A shard is in the file whole, also when it is stopped: the note in the end is of what is there.
        Task<ExportSummary> RunAsync(IProgress<Advance> progress) => run.RunAsync(done, text => target.WriteAsync(text).AsTask(), NoteAsync, progress, stop);

        async Task NoteAsync(ExportProgress reached)
        {
            await target.FlushAsync(CancellationToken.None);
            target.Flush(flushToDisk: true);
            checkpoint.Write(reached);
        }
    }

    /// <summary>The file at the place where the last run ended: what it wrote after its last note is written again.</summary>
    private static FileStream Open(string path, ExportProgress done, bool overwrite, Checkpoint<ExportProgress> checkpoint)
    {
        if (done.Bytes == 0 && File.Exists(path) && !overwrite)
        {
            throw new UsageException($"{path} is there already; --overwrite replaces it.");
        }
        var options = new FileStreamOptions { Mode = done.Bytes == 0 ? FileMode.Create : FileMode.Open, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (done.Bytes == 0 && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var target = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(target.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite); // one that was there may have had another mode
        }
        if (target.Length < done.Bytes)
        {
            target.Dispose();
            throw checkpoint.Foreign($"a file of at least {Screen.Number(done.Bytes)} bytes");
        }
        target.SetLength(done.Bytes);
        target.Position = done.Bytes;
        return target;
    }

    private static string Describe(string app, string format, AudienceExpression? meant) => meant is null
        ? $"{app} as {format}"
        : $"{app} as {format}, any of [{string.Join(' ', meant.AnyOf)}], all of [{string.Join(' ', meant.AllOf)}], none of [{string.Join(' ', meant.NoneOf)}]";
}

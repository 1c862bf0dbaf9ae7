using System.CommandLine;
using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Hosting;

namespace PushFanout.Cli;

/// <summary><c>pushfanout devices import</c>: a whole token base at once, in bounded memory.</summary>
internal static class ImportCommand
{
    private const string StandardInput = "-";
    private const int DefaultShards = 1024;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The file, or - for standard input. Lines that cannot be used are left out and named; the exit code is then 1." };
        var app = AppOption.Create();
        var format = new Option<string>("--format")
        {
            Description = "tokens: one in hex on each line; jsonl: an object with token, userId, deviceId, audiences, at on each line; "
                + "csv: a header with those names, audiences separated by semicolons; auto: by the first line.",
            DefaultValueFactory = _ => DeviceFormats.Auto,
        };
        format.AcceptOnlyFromAmong(DeviceFormats.Names);
        var shards = new Option<int>("--shards")
        {
            Description = "For an app that Redis does not hold yet: as the workers have it.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultShards,
        };
        var redis = new RedisOptionGroup();
        var command = new Command("import", "Registers devices from a file; importing it again renews them.") { file, app, format, shards };
        redis.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var name = parsed.GetRequiredValue(app);
            await using var input = Open(parsed.GetRequiredValue(file));
            var devices = new DeviceFile(input, parsed.GetRequiredValue(format), name, TimeProvider.System);
            await using var connection = new RedisConnection(redis.Read(parsed));
            var cache = new RedisTokenCache(connection);
            await cache.OpenAppAsync(name, await cache.FindShardsAsync(name, stop) ?? parsed.GetValue(shards), stop);
            return await RunAsync(cache, name, devices, new Screen(parsed.InvocationConfiguration.Output, TimeProvider.System), parsed.InvocationConfiguration.Error, stop);
        });
        return command;
    }

    private static Stream Open(string file) => file == StandardInput
        ? Console.OpenStandardInput()
        : new FileStream(file, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous });

    private static async Task<int> RunAsync(ITokenCache cache, string app, DeviceFile file, Screen screen, TextWriter error, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        var startedAt = clock.GetTimestamp();
        var result = await screen.FollowAsync(progress => cache.ImportAsync(app, file.ReadAsync(stop), new ImportProgress(progress, file, clock), stop));
        screen.Table(["", "devices"],
        [
            ["added", Screen.Number(result.Added)],
            ["renewed", Screen.Number(result.Renewed)],
            ["older than what is there", Screen.Number(result.Stale)],
            ["lines left out", Screen.Number(file.LeftOut)],
        ]);
        screen.Line($"  in {Screen.Seconds(clock.GetElapsedTime(startedAt))}");
        foreach (var (line, fault) in file.Faults)
        {
            await error.WriteLineAsync($"line {line}: {fault}");
        }
        if (file.LeftOut > file.Faults.Count)
        {
            await error.WriteLineAsync($"and {Screen.Number(file.LeftOut - file.Faults.Count)} more lines");
        }
        return file.LeftOut == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }

    private sealed class ImportProgress(IProgress<Advance> progress, DeviceFile file, TimeProvider clock) : IProgress<long>
    {
        private readonly Pace _pace = new(clock, total: 0);

        public void Report(long value) => progress.Report(new Advance(
            file.ShareRead, $"{Screen.Number(value)} devices  {Screen.Number((long)(value / Math.Max(_pace.Elapsed.TotalSeconds, 0.001)))}/s"));
    }
}

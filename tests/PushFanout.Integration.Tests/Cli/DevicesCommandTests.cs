using System.Text.Json;
using PushFanout.Cli;
using PushFanout.Testing;
using PushFanout.TokenCache.Redis;

namespace PushFanout.Integration.Tests.Cli;

public sealed class DevicesCommandTests
{
    private readonly string _prefix = $"t{Guid.NewGuid():N}"[..9];

    [Fact]
    public async Task A_list_of_tokens_is_imported_and_importing_it_again_renews()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("tokens.txt", string.Join('\n', Enumerable.Range(1, 2500).Select(Token)) + "\n");
        var first = await RunAsync("import", file);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Matches("added +\\| +2,500 ", first.Output);
        Assert.Matches("renewed +\\| +2,500 ", (await RunAsync("import", file)).Output);
        Assert.Equal(2500, (await CountAsync())["all"]);
    }

    [Fact]
    public async Task JSON_lines_and_CSV_say_the_same()
    {
        using var folder = new TemporaryFolder();
        var lines = folder.Write("devices.jsonl", $$"""
            {"token":"{{Token(1)}}","userId":"alice","deviceId":"phone","audiences":["news","sport"],"at":"2026-01-01T00:00:00Z"}

            {"token":"{{Token(2)}}","audiences":["news"]}
            """);
        var csv = folder.Write("devices.csv", $"""
            token,userId,deviceId,audiences,at
            {Token(3)},"bob, the builder",tablet,news;sport,2026-01-01T00:00:00Z
            {Token(4)},,,,
            """);
        Assert.Equal((0, ""), Ends(await RunAsync("import", lines)));
        Assert.Equal((0, ""), Ends(await RunAsync("import", csv)));
        var counts = await CountAsync();
        Assert.Equal((4L, 3L, 2L), (counts["all"], counts["news"], counts["sport"]));
    }

    [Fact]
    public async Task Bad_lines_are_named_by_number_without_their_content_and_the_others_are_imported()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("devices.jsonl", $$"""
            {"token":"{{Token(1)}}"}
            {"token":"xyz-not-hex"}
            not json
            {"token":"{{Token(2)}}","colour":"red"}
            {"token":"{{Token(3)}}","app":"other-app"}
            {{new string('x', 70_000)}}
            {"token":"{{Token(4)}}"}
            """);
        var run = await RunAsync("import", file);
        Assert.Equal(1, run.ExitCode);
        foreach (var line in (int[])[2, 3, 4, 5, 6])
        {
            Assert.Single(run.Error.Split('\n'), text => text.StartsWith($"line {line}: ", StringComparison.Ordinal));
        }
        Assert.DoesNotContain("xyz-not-hex", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Token(2), run.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await CountAsync())["all"]);
    }

    [Fact]
    public async Task Of_many_bad_lines_the_first_are_named_and_the_rest_counted()
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync("import", folder.Write("tokens.txt", Token(1) + "\n" + string.Join('\n', Enumerable.Repeat("no token", 1000))));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("and 980 more lines", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_none_and_an_app_that_is_not_there_end_with_1()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(1, (await RunAsync("import", folder.Write("devices.txt", "colour,size\nred,7\n"))).ExitCode);
        Assert.Equal(1, (await RunAsync("import", "/nowhere/devices.txt")).ExitCode);
        var count = await Run.OfAsync("devices", "count", "--app", "never-opened", "--redis", await SharedServers.RedisAsync(), "--redis-key-prefix", _prefix);
        Assert.Equal(1, count.ExitCode);
        Assert.Contains("never-opened", count.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_exported_is_imported_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var original = folder.Write("devices.csv", $""""
            token,userId,deviceId,audiences,at
            {Token(1)},"bob, the ""builder""",tablet,news;sport,2026-01-01T00:00:00.123Z
            {Token(2)},ann,,,2026-02-01T00:00:00.000Z
            {Token(3)},,phone,news,2026-03-01T00:00:00.000Z
            """");
        Assert.Equal(0, (await RunAsync("import", original)).ExitCode);
        var lines = folder.PathOf("devices.jsonl");
        Assert.StartsWith("3 devices in", await LastLineAsync("export", lines), StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("export", lines)).ExitCode); // it is there already
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(lines, (UnixFileMode)0b110_100_100); // rw-r--r--
        }
        Assert.Equal(0, (await RunAsync("export", lines, "--overwrite")).ExitCode);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(lines)); // tokens are nobody else's business
        }
        Assert.Equal(Sorted(await File.ReadAllTextAsync(original)), Sorted((await RunAsync("export", "-", "--format", "csv")).Output));
        Assert.Equal(Token(3), (await RunAsync("export", "-", "--format", "tokens", "--audience", "news", "--none-of", "sport")).Output.Trim());
        Assert.Equal(1, (await RunAsync("export", "-", "--audience", "nwes")).ExitCode);

        var elsewhere = new DevicesCommandTests();
        Assert.Matches("added +\\| +3 ", (await elsewhere.RunAsync("import", lines)).Output);
        Assert.Equal(Sorted(await File.ReadAllTextAsync(lines)), Sorted((await elsewhere.RunAsync("export", "-")).Output));

        static IEnumerable<string> Sorted(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task An_import_that_was_stopped_goes_on_where_it_was()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("devices.csv", "token\n" + string.Join('\n', Enumerable.Range(1, 10).Select(Token)) + "\nno token\n");
        var bytes = new FileInfo(file).Length;
        var checkpoint = folder.Write("checkpoint.json", $$"""{"app":"shop-ios","bytes":{{bytes}},"line":7,"devices":6,"leftOut":0}""");
        var resumed = await RunAsync("import", file, "--checkpoint", checkpoint, "--json");
        Assert.Equal((1, ""), Ends(resumed)); // the last line is no token
        using var summary = JsonDocument.Parse(resumed.Output);
        Assert.Equal((6, 4, 1), (Number("before"), Number("added"), Number("leftOut")));
        Assert.Equal(12, summary.RootElement.GetProperty("faults")[0].GetProperty("line").GetInt32());
        Assert.False(File.Exists(checkpoint)); // it is done
        Assert.Equal(4, (await CountAsync())["all"]);

        folder.Write("checkpoint.json", $$"""{"app":"shop-ios","bytes":{{bytes + 1}},"line":7,"devices":6,"leftOut":0}""");
        var foreign = await RunAsync("import", file, "--checkpoint", checkpoint);
        Assert.Equal(2, foreign.ExitCode);
        Assert.Contains("is of something else", foreign.Error, StringComparison.Ordinal);
        folder.Write("checkpoint.json", "not JSON");
        Assert.Equal(2, (await RunAsync("import", file, "--checkpoint", checkpoint)).ExitCode);

        int Number(string name) => summary.RootElement.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task An_import_notes_how_far_it_is_and_one_that_is_cut_off_is_not_noted_too_far()
    {
        const int Devices = 70_000; // more than are written at once
        using var folder = new TemporaryFolder();
        var file = folder.Write("tokens.txt", string.Join('\n', Enumerable.Range(1, Devices).Select(Token)));
        var checkpoint = folder.PathOf("checkpoint.json");
        await using (var devices = await RedisDevices.OpenAsync(new RedisConnectionOptions { Endpoints = await SharedServers.RedisAsync(), KeyPrefix = _prefix, Timeout = TimeSpan.FromSeconds(20) }, "shop-ios", 64, default))
        await using (var stream = File.OpenRead(file))
        {
            var input = new DeviceFile(stream, DeviceFormats.Tokens, "shop-ios", TimeProvider.System);
            using var stop = new CancellationTokenSource();
            var run = new ImportRun(devices.Cache, "shop-ios", input, stream.Length, new Checkpoint<ImportProgress>(checkpoint), TimeProvider.System);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(new StopAtFirst(stop), stop.Token));
        }
        var noted = JsonSerializer.Deserialize<ImportProgress>(await File.ReadAllTextAsync(checkpoint), JsonSerializerOptions.Web)!;
        Assert.Equal(noted.Devices, noted.Line);
        Assert.InRange(noted.Devices, 1, (await CountAsync())["all"]);

        var resumed = await RunAsync("import", file, "--checkpoint", checkpoint);
        Assert.Equal((0, ""), Ends(resumed));
        Assert.Equal(Devices, (await CountAsync())["all"]);
        Assert.Matches($"done before it was stopped +\\| +{noted.Devices:N0} ", resumed.Output);
    }

    [Fact]
    public async Task An_export_that_was_stopped_goes_on_with_the_shard_that_was_not_done()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await RunAsync("import", folder.Write("tokens.txt", string.Join('\n', Enumerable.Range(1, 500).Select(Token))), "--shards", "16")).ExitCode);
        var (whole, checkpoint) = (folder.PathOf("whole.csv"), folder.PathOf("checkpoint.json"));
        Assert.Equal(0, (await RunAsync("export", whole, "--format", "csv", "--checkpoint", checkpoint)).ExitCode);
        Assert.False(File.Exists(checkpoint));

        // As it is when a run ended in the middle of its sixth shard: some bytes more than were noted.
        var cut = folder.PathOf("cut.csv");
        await using (var devices = await RedisDevices.OpenAsync(new RedisConnectionOptions { Endpoints = await SharedServers.RedisAsync(), KeyPrefix = _prefix, Timeout = TimeSpan.FromSeconds(20) }, "shop-ios", null, default))
        {
            using var stop = new CancellationTokenSource();
            await using var target = File.Create(cut);
            var notes = new Checkpoint<ExportProgress>(checkpoint);
            var run = new ExportRun(devices, "shop-ios", new DeviceText(DeviceFormats.Csv), null, TimeProvider.System);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.RunAsync(
                new ExportProgress("shop-ios as csv", 0, 0, 0), text => target.WriteAsync(text).AsTask(), reached =>
                {
                    notes.Write(reached);
                    return Task.CompletedTask;
                },
                new StopAtFirst(stop), stop.Token));
            await target.WriteAsync("half a li"u8.ToArray());
        }
        Assert.InRange(Noted().Shard, 1, 15);
        Assert.Equal(2, (await RunAsync("export", cut, "--checkpoint", checkpoint)).ExitCode); // as jsonl it would be another file
        Assert.Equal(0, (await RunAsync("export", cut, "--format", "csv", "--checkpoint", checkpoint)).ExitCode);
        Assert.Equal(await File.ReadAllTextAsync(whole), await File.ReadAllTextAsync(cut));

        ExportProgress Noted() => JsonSerializer.Deserialize<ExportProgress>(File.ReadAllText(checkpoint), JsonSerializerOptions.Web)!;
    }

    [Fact]
    public async Task Single_devices_are_added_renewed_and_removed_and_an_audience_is_counted()
    {
        using var folder = new TemporaryFolder();
        var tokens = folder.Write("tokens.txt", $"{Token(1)}\n{Token(2)}\n");
        Assert.Equal(0, (await RunAsync("import", folder.Write("one.txt", Token(9)))).ExitCode);
        Assert.Equal("2 added, 0 renewed.", await LastLineAsync("add", "--token-file", tokens, "--audience", "news", "--audience", "sport"));
        Assert.Equal("0 added, 1 renewed.", await LastLineAsync("add", "--token", Token(1), "--device", "phone", "--user", "ann"));
        Assert.Equal("2", await LastLineAsync("count", "--audience", "news"));
        Assert.Equal("1", await LastLineAsync("count", "--none-of", "sport"));
        Assert.Equal("{\"devices\":2}", await LastLineAsync("count", "--all-of", "news", "--json"));
        Assert.Equal(1, (await RunAsync("count", "--audience", "nwes")).ExitCode);
        Assert.Equal("1 removed.", await LastLineAsync("remove", "--device", "phone"));
        Assert.Equal("0 removed.", await LastLineAsync("remove", "--device", "phone")); // as often as one likes
        var run = await RunAsync("add", "--token", "xyz-not-hex");
        Assert.Equal(2, run.ExitCode);
        Assert.DoesNotContain("xyz-not-hex", run.Error, StringComparison.Ordinal);
    }

    private async Task<string> LastLineAsync(string command, params string[] arguments)
    {
        var run = await RunAsync(command, arguments);
        Assert.Equal((0, ""), Ends(run));
        return run.Output.Trim().Split('\n')[^1].Trim();
    }

    private async Task<Run> RunAsync(string command, params string[] arguments) => await Run.OfAsync(
        ["devices", command, .. arguments, "--app", "shop-ios", "--redis", await SharedServers.RedisAsync(), "--redis-key-prefix", _prefix]);

    private async Task<Dictionary<string, long>> CountAsync()
    {
        var run = await Run.OfAsync("devices", "count", "--app", "shop-ios", "--json", "--redis", await SharedServers.RedisAsync(), "--redis-key-prefix", _prefix);
        Assert.Equal((0, ""), Ends(run));
        return JsonSerializer.Deserialize<Dictionary<string, long>>(run.Output)!;
    }

    private static (int, string) Ends(Run run) => (run.ExitCode, run.Error);

    private static string Token(int number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Ctrl+C as soon as there is any progress.</summary>
    private sealed class StopAtFirst(CancellationTokenSource stop) : IProgress<Advance>
    {
        public void Report(Advance value) => stop.Cancel();
    }
}

using System.Text.Json;
using PushFanout.Testing;

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

    private async Task<Run> RunAsync(string command, string file) => await Run.OfAsync(
        "devices", command, file, "--app", "shop-ios", "--redis", await SharedServers.RedisAsync(), "--redis-key-prefix", _prefix);

    private async Task<Dictionary<string, long>> CountAsync()
    {
        var run = await Run.OfAsync("devices", "count", "--app", "shop-ios", "--json", "--redis", await SharedServers.RedisAsync(), "--redis-key-prefix", _prefix);
        Assert.Equal((0, ""), Ends(run));
        return JsonSerializer.Deserialize<Dictionary<string, long>>(run.Output)!;
    }

    private static (int, string) Ends(Run run) => (run.ExitCode, run.Error);

    private static string Token(int number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);
}

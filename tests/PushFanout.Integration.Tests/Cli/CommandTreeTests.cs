using System.CommandLine;
using PushFanout.Cli;
using PushFanout.Integration.Tests.Deployment;

namespace PushFanout.Integration.Tests.Cli;

/// <summary>What holds for every command there is, also for the next one.</summary>
public sealed class CommandTreeTests
{
    /// <summary>They run until they are stopped, tell a story, or print a file in a form of its own.</summary>
    private static readonly string[] WithoutJson =
        ["demo", "dev", "worker", "simulator", "topology show", "completion bash", "completion zsh", "completion fish", "reference"];

    public static TheoryData<string> Paths => [.. All().Where(command => !command.Command.Hidden).Select(command => command.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Help_is_there_and_says_what_the_command_does(string path)
    {
        var run = await Run.OfAsync([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(All().Single(command => command.Path == path).Command.Description));
    }

    [Fact]
    public void Every_command_that_answers_something_answers_programs_too()
    {
        var without = All().Where(command => command.Command.Action is not null && command.Command is not RootCommand)
            .Where(command => command.Command.Options.All(option => option.Name != "--json")).Select(command => command.Path);
        Assert.Equal(WithoutJson.Order(StringComparer.Ordinal), without.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_option_says_what_it_does_and_what_its_value_is()
    {
        foreach (var (path, command) in All())
        {
            Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), $"{path} {option.Name}"));
            Assert.All(
                command.Options.Where(option => option.ValueType != typeof(bool) && option is not System.CommandLine.Help.HelpOption and not VersionOption),
                option => Assert.False(string.IsNullOrEmpty(option.HelpName), $"{path} {option.Name}"));
        }
    }

    [Fact]
    public async Task The_page_of_commands_is_what_the_program_prints()
    {
        var printed = await Run.OfAsync("reference");
        Assert.Equal(await File.ReadAllTextAsync(RepositoryFiles.PathOf("docs/cli.md")), printed.Output);
        foreach (var (path, command) in All().Where(command => command.Path.Length > 0 && !command.Command.Hidden))
        {
            Assert.Contains($"# pushfanout {path}\n", printed.Output, StringComparison.Ordinal);
            Assert.All(command.Options.Where(option => !option.Hidden), option => Assert.Contains($"- `{option.Name}", printed.Output, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("", "needs a command")]
    [InlineData("devices", "'pushfanout devices' needs a command")]
    [InlineData("devices imprt", "'pushfanout devices' has no command 'imprt'")]
    [InlineData("devices count --app shop --colour red", "--colour")]
    [InlineData("devices count --app Shop --redis 127.0.0.1:1", "--app must be")]
    public async Task What_is_wrong_with_a_command_line_is_on_standard_error_with_where_to_read_on(string commandLine, string reason)
    {
        var run = await Run.OfAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_should_not_happen_is_one_line_too()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        string[] arguments = ["send", "--url", "http://127.0.0.1:1", "--app", "shop-ios", "--token", "-", "--body", "Hello"];
        Assert.Equal(1, await PushFanoutProgram.RunAsync(arguments, output, error, CancellationToken.None, () => throw new InvalidOperationException("Broken.")));
        Assert.Contains("InvalidOperationException: Broken.", Assert.Single(error.ToString().Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Command Command)> All() => Below("", PushFanoutProgram.Commands());

    private static IEnumerable<(string Path, Command Command)> Below(string path, Command command) =>
        command.Subcommands.SelectMany(inner => Below($"{path} {inner.Name}".Trim(), inner)).Prepend((path, command));
}

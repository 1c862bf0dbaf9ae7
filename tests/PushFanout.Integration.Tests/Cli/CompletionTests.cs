using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class CompletionTests
{
    private static readonly TimeSpan Patience = Eventually.Patience;

    [Theory]
    [InlineData(" ", "devices")]
    [InlineData("devices ", "export")]
    [InlineData("devices export x ", "--checkpoint")]
    [InlineData("devices export x --format ", "jsonl")]
    [InlineData("send --lane ", "urgent")]
    [InlineData("send --push-type ", "background")]
    public async Task Commands_options_and_values_are_suggested_as_they_are_written(string line, string expected)
    {
        var run = await Run.OfAsync($"[suggest:{line.Length}]", line);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Output.Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_hidden_command_is_not_suggested() =>
        Assert.DoesNotContain("reference", (await Run.OfAsync("[suggest:1]", " ")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task In_bash_the_script_completes_what_was_begun()
    {
        using var folder = new TemporaryFolder();
        folder.Write("completion.bash", (await Run.OfAsync("completion", "bash")).Output);
        folder.Write("try.bash", $$"""
            pushfanout() { dotnet "{{Path.Combine(AppContext.BaseDirectory, "pushfanout.dll")}}" "$@"; }
            source "{{folder.PathOf("completion.bash")}}"
            complete -p pushfanout
            COMP_WORDS=(pushfanout send --lane u) COMP_CWORD=3
            _pushfanout
            printf 'completed: %s\n' "${COMPREPLY[@]}"
            COMP_WORDS=(pushfanout dev) COMP_CWORD=1
            _pushfanout
            printf 'or: %s\n' "${COMPREPLY[@]}"
            """);
        await using var bash = ChildProcess.Start("bash", [folder.PathOf("try.bash")]);
        Assert.Equal(0, await bash.WaitForExitAsync(Patience));
        await bash.WaitForLineAsync("completed: urgent", Patience);
        await bash.WaitForLineAsync("-F _pushfanout pushfanout", Patience);
        Assert.Single(bash.Lines, line => line.StartsWith("completed:", StringComparison.Ordinal));
        Assert.Equal(["or: dev", "or: devices"], bash.Lines.Where(line => line.StartsWith("or:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("zsh", "compdef _pushfanout pushfanout")]
    [InlineData("fish", "complete -c pushfanout")]
    public async Task The_other_shells_have_scripts_of_their_own(string shell, string registration) =>
        Assert.Contains(registration, (await Run.OfAsync("completion", shell)).Output, StringComparison.Ordinal);
}

using System.Text.RegularExpressions;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary><c>build.sh</c> as a text: what it says it does, and what it calls.</summary>
public sealed partial class BuildScriptTests
{
    private static readonly string[] Script = RepositoryFiles.Lines("build.sh");

    [Fact]
    public void Every_function_is_called_and_every_command_leads_to_one_that_is_there()
    {
        var functions = Script.Select(line => Definition().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(functions);
        Assert.Equal("", string.Join(", ", functions.Where(function => !Script.Any(line => !Definition().IsMatch(line) && Regex.IsMatch(line, $@"\b{function}\b")))));

        var called = Script.SelectMany(line => Called().Matches(line)).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains("write_settings_page", called);
        Assert.Equal("", string.Join(", ", called.Except(functions)));
    }

    [Fact]
    public void Tests_install_every_server_that_they_start()
    {
        var test = string.Join('\n', Script.SkipWhile(line => line != "run_tests() {").TakeWhile(line => line != "}"));
        Assert.All(["install_servers", "install_prometheus", "install_http2_programs nginx h2o nghttpd"], step => Assert.Contains(step, test, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^([a-z0-9_]+)\(\) \{$")]
    private static partial Regex Definition();

    /// <summary>Words with an underscore at the place of a command: no program that it uses has one.</summary>
    [GeneratedRegex(@"(?:^\s*|\)\s+|;\s+|&&\s+|then\s+)([a-z0-9]+_[a-z0-9_]+)(?=\s|;|$)")]
    private static partial Regex Called();
}

using PushFanout.Integration.Tests.Deployment;
using PushFanout.Testing;

namespace PushFanout.Integration.Tests.Cli;

public sealed class ToolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    [Trait("Length", "Long")]
    public async Task The_package_installs_as_a_tool_that_runs()
    {
        using var folder = new TemporaryFolder();
        var (packages, tools) = (folder.PathOf("packages"), folder.PathOf("tools"));
        await RunAsync("dotnet", "pack", RepositoryFiles.PathOf("src/Cli/pushfanout.csproj"), "-c", "Release", "--nologo", "-v", "quiet", "-o", packages);
        await RunAsync("dotnet", "tool", "install", "pushfanout", "--tool-path", tools, "--add-source", packages);
        var program = Path.Combine(tools, "pushfanout");
        Assert.StartsWith("0.1.0", (await RunAsync(program, "--version"))[0], StringComparison.Ordinal);
        Assert.Contains("urgent", await RunAsync(program, "[suggest:12]", "send --lane "));
        Assert.Contains(await RunAsync(program, "demo", "--devices", "1000"), line => line.Contains("Every count adds up.", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments, new Dictionary<string, string?> { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" });
        var exitCode = await process.WaitForExitAsync(Patience);
        Assert.True(exitCode == 0, process.Output);
        return process.Lines;
    }
}

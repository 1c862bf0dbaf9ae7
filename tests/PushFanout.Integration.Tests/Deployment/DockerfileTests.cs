using System.Text.RegularExpressions;

namespace PushFanout.Integration.Tests.Deployment;

/// <summary>What can be known about the image without building it.</summary>
public sealed partial class DockerfileTests
{
    private static readonly string[] Known = ["FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "ENTRYPOINT", "CMD"];

    private readonly Dockerfile _file = Dockerfile.Read();

    [Fact]
    public void Every_line_is_an_instruction() => Assert.All(_file.Instructions, instruction => Assert.Contains(instruction.Word, Known));

    [Fact]
    public void It_is_built_by_the_SDK_and_runs_on_ASP_NET_of_the_version_that_the_projects_target()
    {
        var version = TargetFramework().Match(File.ReadAllText(RepositoryFiles.PathOf("Directory.Build.props"))).Groups[1].Value;
        Assert.Equal(
            [$"mcr.microsoft.com/dotnet/sdk:{version} AS build", $"mcr.microsoft.com/dotnet/aspnet:{version} AS final"],
            _file.Instructions.Where(instruction => instruction.Word == "FROM").Select(instruction => instruction.Text));
    }

    [Fact]
    public void Every_file_that_it_copies_is_in_the_repository_and_not_kept_out_by_dockerignore()
    {
        var ignored = RepositoryFiles.Lines(".dockerignore");
        Assert.All(_file.Sources, source =>
        {
            Assert.True(RepositoryFiles.Exists(source), $"{source} is not in the repository");
            Assert.DoesNotContain(source.Split('/')[0], ignored);
        });
    }

    [Fact]
    public void Every_project_is_restored_before_the_code_is_copied_from_locked_packages()
    {
        var sources = _file.Sources.ToList();
        foreach (var project in Directory.EnumerateFiles(RepositoryFiles.PathOf("src"), "*.csproj", SearchOption.AllDirectories))
        {
            var folder = Path.GetRelativePath(RepositoryFiles.Root, Path.GetDirectoryName(project)!).Replace('\\', '/');
            Assert.Contains($"{folder}/{Path.GetFileName(project)}", sources);
            Assert.Contains($"{folder}/packages.lock.json", sources);
        }
        Assert.Contains(_file.Instructions, instruction => instruction is { Word: "RUN", Text: "dotnet restore src/Cli/pushfanout.csproj --locked-mode" });
        Assert.Contains(_file.Instructions, instruction => instruction.Word == "RUN" && instruction.Text.Contains("publish", StringComparison.Ordinal)
            && instruction.Text.Contains("--no-restore", StringComparison.Ordinal));
    }

    [Fact]
    public void What_runs_is_the_worker_and_not_as_root()
    {
        var final = _file.FinalStage.ToList();
        Assert.Equal("$APP_UID", Assert.Single(final, instruction => instruction.Word == "USER").Text);
        Assert.Equal("""["pushfanout"]""", Assert.Single(final, instruction => instruction.Word == "ENTRYPOINT").Text);
        Assert.Equal("""["worker"]""", Assert.Single(final, instruction => instruction.Word == "CMD").Text);
        Assert.True(
            final.FindIndex(instruction => instruction.Word == "USER") > final.FindLastIndex(instruction => instruction.Word is "RUN" or "COPY"),
            "the image is made by root and only then handed to the user");
    }

    [Theory]
    [InlineData(".git")]
    [InlineData("**/bin")]
    [InlineData("**/obj")]
    public void What_is_built_here_and_the_history_stay_out_of_the_image(string pattern) =>
        Assert.Contains(pattern, RepositoryFiles.Lines(".dockerignore"));

    [GeneratedRegex("<TargetFramework [^>]*>net([0-9.]+)<")]
    private static partial Regex TargetFramework();
}

namespace PushFanout.Cli;

/// <summary>How the reader of our output calls this program from where they are.</summary>
internal static class OwnName
{
    private const string Project = "src/Cli";

    /// <summary>Whether the working directory is the repository's root.</summary>
    public static bool InRepository => File.Exists(Path.Combine(Project, "pushfanout.csproj"));

    public static string Command => InRepository ? $"dotnet run -c Release --project {Project} --" : "pushfanout";
}

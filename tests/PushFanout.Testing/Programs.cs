namespace PushFanout.Testing;

/// <summary>Finds installed servers: on the path, and where packages put what is not on it.</summary>
public static class Programs
{
    private static readonly string[] SystemFolders =
        ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/local/opt/rabbitmq/sbin", "/opt/homebrew/opt/rabbitmq/sbin"];

    /// <summary>Where a program is.</summary>
    /// <exception cref="FileNotFoundException">It is not on this machine.</exception>
    public static string Find(string name) => Find(name, []);

    /// <summary>Whether a program is on this machine.</summary>
    public static bool AreThere(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Search(name, []) is null)
            {
                return false;
            }
        }
        return true;
    }

    /// <param name="name">The program's file name.</param>
    /// <param name="before">Folders to look into before all others.</param>
    internal static string Find(string name, IEnumerable<string> before) =>
        Search(name, before)
        ?? throw new FileNotFoundException($"The tests need {name}: './build.sh test' installs it, or apt-get install or brew install does.", name);

    private static string? Search(string name, IEnumerable<string> before) =>
        before.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}

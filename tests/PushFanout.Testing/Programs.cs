namespace PushFanout.Testing;

/// <summary>Finds installed servers: on the path, and where packages put what is not on it.</summary>
internal static class Programs
{
    private static readonly string[] SystemFolders =
        ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/local/opt/rabbitmq/sbin", "/opt/homebrew/opt/rabbitmq/sbin"];

    public static string Find(string name) => Find(name, []);

    /// <param name="name">The program's file name.</param>
    /// <param name="before">Folders to look into before all others.</param>
    public static string Find(string name, IEnumerable<string> before) =>
        before.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)).Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
        ?? throw new FileNotFoundException($"The tests need {name}: './build.sh test' installs it, or apt-get install or brew install does.", name);
}

namespace PushFanout.Integration.Tests.Cli;

/// <summary>Files of a test, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushfanout-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string content)
    {
        var path = PathOf(name);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

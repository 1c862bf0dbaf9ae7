namespace PushFanout.ApnsSimulator;

/// <summary>The folder with the authority and the demo key; a temporary one goes when the simulator goes.</summary>
internal sealed class SimulatorFiles : IDisposable
{
    private readonly string folder;
    private readonly bool isTemporary;

    private SimulatorFiles(string folder, bool isTemporary) => (this.folder, this.isTemporary) = (folder, isTemporary);

    public string AuthorityFile => Path.Combine(folder, "ca.pem");
    public string AuthorityKeyFile => Path.Combine(folder, "ca.key");

    public static SimulatorFiles Open(string? folder)
    {
        if (folder is null)
        {
            return new SimulatorFiles(Directory.CreateTempSubdirectory("pushfanout-simulator-").FullName, isTemporary: true);
        }
        return new SimulatorFiles(Directory.CreateDirectory(folder).FullName, isTemporary: false);
    }

    public string DemoKeyFile(string keyId) => Path.Combine(folder, $"AuthKey_{keyId}.p8");

    public SimulatorKey OpenDemoKey(string teamId, string keyId)
    {
        var path = DemoKeyFile(keyId);
        return File.Exists(path) ? SimulatorKey.FromP8File(path, teamId, keyId) : SimulatorKey.CreateP8File(path, teamId, keyId);
    }

    public void Dispose()
    {
        if (isTemporary)
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

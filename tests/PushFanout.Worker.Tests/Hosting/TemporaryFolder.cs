using System.Security.Cryptography;

namespace PushFanout.Worker.Tests.Hosting;

/// <summary>Files that only this user can read, gone with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushfanout-");

    public string Path => _folder.FullName;

    public string Write(string name, string content, bool readableByAll = false)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            File.SetUnixFileMode(path, readableByAll ? mode | UnixFileMode.OtherRead : mode);
        }
        return path;
    }

    public string WriteAuthKey(string name = "AuthKey.p8")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Write(name, key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

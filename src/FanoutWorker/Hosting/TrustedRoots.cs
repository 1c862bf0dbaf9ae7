using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PushFanout.Worker.Hosting;

/// <summary>The file of <see cref="ApnsOptions.TrustedCaFile"/>.</summary>
internal static class TrustedRoots
{
    private const int MaxFileBytes = 1024 * 1024;

    /// <exception cref="IOException">The file cannot be used; the message says why.</exception>
    public static X509Certificate2Collection Load(string path) => TryLoad(path, out var fault) ?? throw new IOException($"{path}: {fault}");

    /// <returns>The certificates in the file; null together with a <paramref name="fault"/>.</returns>
    public static X509Certificate2Collection? TryLoad(string path, out string fault)
    {
        if (!ReadableFile.TryRead(path, MaxFileBytes, secret: false, out var content, out fault))
        {
            return null;
        }
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(System.Text.Encoding.Latin1.GetString(content));
        }
        catch (CryptographicException)
        {
            roots.Clear();
        }
        if (roots.Count > 0)
        {
            return roots;
        }
        fault = "the file holds no certificates in PEM";
        return null;
    }
}

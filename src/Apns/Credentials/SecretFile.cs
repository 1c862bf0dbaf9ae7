namespace PushFanout.Apns.Credentials;

/// <summary>Reads a file that holds a secret, and refuses one that others on the machine could read too.</summary>
internal static class SecretFile
{
    /// <summary>Keys and certificates are a few KiB; more is not what the operator meant to name.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <returns>The content, to be zeroed by the caller; null together with a <paramref name="fault"/>.</returns>
    public static byte[]? Read(string path, out string fault)
    {
        fault = "";
        try
        {
            // One handle for the check and the read: what is checked is what is read, also behind the symbolic links that
            // Kubernetes makes for mounted secrets.
            using var file = File.OpenHandle(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0)
            {
                fault = "every user of this machine can read the file; take the right away (chmod o-r, or defaultMode 0440 in Kubernetes)";
                return null;
            }
            var length = RandomAccess.GetLength(file);
            if (length is 0 or > MaxBytes)
            {
                fault = length == 0 ? "the file is empty" : $"the file has {length} bytes; a key or certificate has at most {MaxBytes}";
                return null;
            }
            var content = GC.AllocateArray<byte>((int)length, pinned: true); // not moved by the collector, so that zeroing it leaves no copy
            var read = 0;
            while (read < content.Length)
            {
                var count = RandomAccess.Read(file, content.AsSpan(read), read);
                if (count == 0)
                {
                    fault = "the file changed while it was read";
                    return null;
                }
                read += count;
            }
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            fault = "the file does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            fault = "the file cannot be read by this user, or is a directory";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            fault = $"the file cannot be read ({e.GetType().Name})";
        }
        return null;
    }
}

namespace PushFanout.Worker.Hosting;

/// <summary>A file that a setting names.</summary>
internal static class ReadableFile
{
    /// <summary>Reads a small file whole.</summary>
    /// <param name="secret">Whether to refuse a file that every user of the machine can read.</param>
    /// <param name="fault">Why not; never any content.</param>
    public static bool TryRead(string path, int maxBytes, bool secret, out byte[] content, out string fault)
    {
        content = [];
        fault = "";
        try
        {
            // One handle for the check and the read, so that what is checked is what is read.
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            if (secret && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0)
            {
                fault = "every user of this machine can read the file; take the right away (chmod o-r, or defaultMode 0440 in Kubernetes)";
            }
            else if (length == 0)
            {
                fault = "the file is empty";
            }
            else if (length > maxBytes)
            {
                fault = $"the file has {length} bytes; at most {maxBytes} make sense";
            }
            else
            {
                content = new byte[length];
                var read = RandomAccess.Read(file, content, 0);
                content = content[..read];
            }
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
        return fault.Length == 0;
    }
}

using System.Runtime.CompilerServices;

namespace PushFanout.TokenCache;

/// <summary>
/// Devices from a text file, UTF-8, one per line: a token in hex; or <c>token,userId,deviceId,audience;audience</c>, where
/// what is empty is not given; or a JSON object with the fields of the message DeviceRegistered. Empty lines and a first line
/// that begins with <c>token</c> are skipped. Bad lines are counted and left out. Reads as a stream; memory does not grow with the file.
/// </summary>
/// <param name="stream">The file; stays open.</param>
/// <param name="at">When devices registered that say no moment of their own.</param>
public sealed class DeviceFile(Stream stream, DateTimeOffset at)
{
    /// <summary>The longest line that is read.</summary>
    public const int MaxLineLength = 64 * 1024;

    private const int MaxBadLinesKept = 100;
    private readonly List<BadLine> _firstBadLines = [];

    /// <summary>How many lines were left out so far.</summary>
    public long BadLineCount { get; private set; }

    /// <summary>The first 100 lines that were left out.</summary>
    public IReadOnlyList<BadLine> FirstBadLines => _firstBadLines;

    /// <summary>The devices in the order of the file. Once only.</summary>
    public async IAsyncEnumerable<DeviceRegistration> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        var buffer = new char[MaxLineLength];
        var (held, number, tooLong) = (0, 0L, false);
        while (true)
        {
            var read = await reader.ReadAsync(buffer.AsMemory(held), cancellationToken).ConfigureAwait(false);
            held += read;
            var start = 0;
            for (int length; (length = buffer.AsSpan(start, held - start).IndexOf('\n')) >= 0; start += length + 1)
            {
                number++;
                if (Parse(buffer.AsSpan(start, length), number, tooLong) is { } device)
                {
                    yield return device;
                }
                tooLong = false;
            }
            held -= start;
            if (read == 0)
            {
                if ((held > 0 || tooLong) && Parse(buffer.AsSpan(start, held), number + 1, tooLong) is { } last)
                {
                    yield return last;
                }
                yield break;
            }
            if (held == buffer.Length)
            {
                (held, tooLong) = (0, true);
            }
            buffer.AsSpan(start, held).CopyTo(buffer);
        }
    }

    private DeviceRegistration? Parse(ReadOnlySpan<char> line, long number, bool tooLong)
    {
        line = line.Trim();
        if (!tooLong && (line.IsEmpty || (number == 1 && line.StartsWith("token", StringComparison.OrdinalIgnoreCase))))
        {
            return null;
        }
        if (tooLong)
        {
            Leave(number, $"longer than {MaxLineLength} characters");
        }
        else if (DeviceLine.TryParse(line, at, out var device, out var reason))
        {
            return device;
        }
        else
        {
            Leave(number, reason);
        }
        return null;
    }

    private void Leave(long number, string reason)
    {
        BadLineCount++;
        if (_firstBadLines.Count < MaxBadLinesKept)
        {
            _firstBadLines.Add(new BadLine(number, reason));
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text;

namespace PushFanout.Cli;

/// <summary>The lines of a text, each in bounded memory: a file without line ends is not one line of its whole size.</summary>
internal sealed class BoundedLines(Stream stream)
{
    private const int MostCharacters = 65_536;

    /// <returns>Lines by number, from 1; the text of one that is too long is null.</returns>
    public async IAsyncEnumerable<(long Number, string? Text)> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        var piece = new char[MostCharacters];
        var line = new StringBuilder();
        var isTooLong = false;
        var number = 0L;
        for (int length; (length = await reader.ReadAsync(piece, stop)) > 0;)
        {
            for (var start = 0; start < length;)
            {
                var end = Array.IndexOf(piece, '\n', start, length - start);
                var part = piece.AsMemory(start..(end < 0 ? length : end));
                isTooLong |= line.Length + part.Length > MostCharacters;
                line.Append(isTooLong ? default : part);
                if (end < 0)
                {
                    break;
                }
                start = end + 1;
                yield return Take();
            }
        }
        if (line.Length > 0 || isTooLong)
        {
            yield return Take();
        }

        (long, string?) Take()
        {
            var text = isTooLong ? null : line.ToString().TrimEnd('\r');
            line.Clear();
            isTooLong = false;
            return (++number, text);
        }
    }
}

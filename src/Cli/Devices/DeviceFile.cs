using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>Devices as they are in a file, line by line. Lines that are no device are left out and remembered.</summary>
internal sealed class DeviceFile(Stream stream, string format, string app, TimeProvider clock)
{
    private const int MostFaults = 20;

    /// <summary>Devices from one mark to the next.</summary>
    private const int BetweenMarks = 1024;

    private readonly List<(long Line, string Fault)> _faults = [];
    private readonly ConcurrentQueue<Mark> _marks = new();

    /// <summary>How many lines are no devices, so far.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The first of them, by number; never what is in them.</summary>
    public IReadOnlyList<(long Line, string Fault)> Faults => _faults;

    /// <summary>How much of the file has been read, 0 to 1; 0 for a stream without an end.</summary>
    public double ShareRead => stream.CanSeek && stream.Length > 0 ? (double)stream.Position / stream.Length : 0;

    /// <summary>Where the file was when so many devices had been read; a little before, and null before the first such place. Asked for ever more devices.</summary>
    public Mark? PlaceOf(long devices)
    {
        Mark? place = null;
        while (_marks.TryPeek(out var mark) && mark.Devices <= devices && _marks.TryDequeue(out mark))
        {
            place = mark;
        }
        return place;
    }

    /// <param name="doneLines">Lines at the beginning that are done already; the first of them still says what the others mean.</param>
    public async IAsyncEnumerable<DeviceRegistration> ReadAsync(long doneLines, [EnumeratorCancellation] CancellationToken stop)
    {
        IDeviceFormat? reader = null;
        var devices = 0L;
        await foreach (var line in new BoundedLines(stream).ReadAsync(stop))
        {
            if (line.Text is { } blank && string.IsNullOrWhiteSpace(blank))
            {
                continue;
            }
            if (reader is null)
            {
                reader = DeviceFormats.Make(format, line.Text ?? "", app, clock);
                if (reader.FirstLineIsHeader)
                {
                    continue;
                }
            }
            if (line.Number <= doneLines)
            {
                continue;
            }
            var (device, fault) = line.Text is { } text ? reader.Read(text) : (null, "the line is too long");
            if (device is not null)
            {
                if (++devices % BetweenMarks == 0)
                {
                    _marks.Enqueue(new Mark(devices, line.Number, LeftOut));
                }
                yield return new DeviceRegistration(Convert.FromHexString(device.Token), device.At, device.DeviceId, device.UserId, device.Audiences);
            }
            else
            {
                LeaveOut(line.Number, fault);
            }
        }
    }

    private void LeaveOut(long line, string fault)
    {
        LeftOut++;
        if (_faults.Count < MostFaults)
        {
            _faults.Add((line, fault));
        }
    }

    /// <summary>A place in the file.</summary>
    /// <param name="Devices">Devices up to here, of this reading.</param>
    /// <param name="Line">The line of the last of them.</param>
    /// <param name="LeftOut">Lines left out up to here, of this reading.</param>
    public readonly record struct Mark(long Devices, long Line, long LeftOut);
}

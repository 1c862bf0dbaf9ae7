using System.Runtime.CompilerServices;
using PushFanout.TokenCache;

namespace PushFanout.Cli;

/// <summary>Devices as they are in a file, line by line. Lines that are no device are left out and remembered.</summary>
internal sealed class DeviceFile(Stream stream, string format, string app, TimeProvider clock)
{
    private const int MostFaults = 20;

    private readonly List<(long Line, string Fault)> _faults = [];

    /// <summary>How many lines are no devices, so far.</summary>
    public long LeftOut { get; private set; }

    /// <summary>The first of them, by number; never what is in them.</summary>
    public IReadOnlyList<(long Line, string Fault)> Faults => _faults;

    /// <summary>How much of the file has been read, 0 to 1; 0 for a stream without an end.</summary>
    public double ShareRead => stream.CanSeek && stream.Length > 0 ? (double)stream.Position / stream.Length : 0;

    public async IAsyncEnumerable<DeviceRegistration> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        IDeviceFormat? reader = null;
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
            var (device, fault) = line.Text is { } text ? reader.Read(text) : (null, "the line is too long");
            if (device is not null)
            {
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
}

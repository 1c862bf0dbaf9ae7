using System.Globalization;
using System.Text;
using PushFanout.Contracts;
using PushFanout.Worker.Http;

namespace PushFanout.Cli;

/// <summary>One <see cref="DeviceRegistered"/> on each line; its app and time need not be given.</summary>
internal sealed class JsonLines(string app, TimeProvider clock) : IDeviceFormat
{
    public bool FirstLineIsHeader => false;

    public (DeviceRegistered? Device, string Fault) Read(string line)
    {
        var json = JsonBody.WithDefault(Encoding.UTF8.GetBytes(line), "app", app);
        var read = DeviceRegisteredReader.Read(JsonBody.WithDefault(json, "at", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
        return read switch
        {
            { Unreadable: { } unreadable } => (null, $"it is {unreadable}"),
            { Faults: [var fault, ..] } => (null, DeviceFormats.Describe(fault)),
            { Message: { } device } when device.App != app => (null, "app: It is not the app of the import."),
            _ => (read.Message, ""),
        };
    }
}

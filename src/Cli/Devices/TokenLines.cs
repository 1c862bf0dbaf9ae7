using PushFanout.Contracts;

namespace PushFanout.Cli;

/// <summary>One token on each line and nothing else.</summary>
internal sealed class TokenLines(string app, TimeProvider clock) : IDeviceFormat
{
    public bool FirstLineIsHeader => false;

    public (DeviceRegistered? Device, string Fault) Read(string line) =>
        DeviceFormats.Check(new DeviceRegistered { App = app, Token = line.Trim(), At = clock.GetUtcNow() });
}

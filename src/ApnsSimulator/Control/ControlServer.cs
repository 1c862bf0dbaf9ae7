using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PushFanout.ApnsSimulator;

/// <summary>Kestrel for the control port: plain HTTP/1.1.</summary>
internal static class ControlServer
{
    public static WebApplication Build(SimulatorOptions options, SimulatorHost simulator)
    {
        var builder = EmptyHost.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            options.ListenAddress, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http1));
        var server = builder.Build();
        server.Run(new ControlEndpoint(simulator).HandleAsync);
        return server;
    }
}

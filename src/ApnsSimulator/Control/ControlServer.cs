using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PushFanout.ApnsSimulator;

/// <summary>The side port: ask and steer over plain HTTP, from a shell or from any language.</summary>
internal static class ControlServer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static WebApplication Build(SimulatorOptions options, SimulatorHost simulator)
    {
        var builder = EmptyHost.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            options.ListenAddress, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http1));
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsJsonAsync(simulator.Stats, Json));
        return server;
    }
}

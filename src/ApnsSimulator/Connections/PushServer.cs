using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace PushFanout.ApnsSimulator;

/// <summary>Kestrel as APNs shows itself: TLS 1.2 or 1.3, HTTP/2 and nothing else, Apple's SETTINGS.</summary>
internal static class PushServer
{
    /// <summary>The least that Kestrel can do; smaller windows are the tap's.</summary>
    public const int StreamWindowBytes = 65_535;
    public const int MaxFrameBytes = 16_384;

    public static WebApplication Build(
        SimulatorOptions options, X509Certificate2 certificate, PushConnections connections, PushEndpoint endpoint, LintFindings findings)
    {
        var builder = EmptyHost.CreateBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            SetLimits(kestrel.Limits, options);
            kestrel.Listen(options.ListenAddress, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => connection => RunAsync(next, connection, connections, options));
                listen.UseHttps(https => SetTls(https, certificate, options));
                listen.Use(next => connection => TrackAsync(next, connection, connections, options, findings));
            });
        });
        var server = builder.Build();
        server.Run(endpoint.HandleAsync);
        return server;
    }

    private static void SetLimits(KestrelServerLimits limits, SimulatorOptions options)
    {
        limits.Http2.MaxStreamsPerConnection = options.MaxStreamsPerConnection;
        limits.Http2.HeaderTableSize = 4096;
        limits.Http2.MaxFrameSize = MaxFrameBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = options.ConnectionWindowBytes;
        limits.Http2.MaxRequestHeaderFieldSize = 8000;
        limits.MaxRequestHeadersTotalSize = 8000;
        limits.MaxRequestBodySize = null; // a body that is too large gets APNs' answer, not Kestrel's
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);
    }

    private static void SetTls(HttpsConnectionAdapterOptions https, X509Certificate2 certificate, SimulatorOptions options)
    {
        https.ServerCertificate = certificate;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.HandshakeTimeout = TimeSpan.FromSeconds(30);
        if (options.ClientCertificates.Count > 0)
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (shown, _, _) => Find(shown, options) is not null;
        }
    }

    /// <summary>The whole life of a connection, TLS included.</summary>
    private static async Task RunAsync(ConnectionDelegate next, ConnectionContext transport, PushConnections connections, SimulatorOptions options)
    {
        var gate = new FreezeGate();
        transport.Transport = gate.Guard(transport.Transport);
        transport.Features.Set(gate);
        try
        {
            await next(transport);
            if (transport.Features.Get<PushConnection>() is not null) // TLS was agreed on
            {
                await LingeringClose.WaitForClientAsync(transport.Transport.Input, options.LongestLinger);
            }
        }
        finally
        {
            if (transport.Features.Get<PushConnection>() is { } connection)
            {
                connections.Remove(connection);
                connection.Over();
            }
        }
    }

    private static Task TrackAsync(
        ConnectionDelegate next, ConnectionContext transport, PushConnections connections, SimulatorOptions options, LintFindings findings)
    {
        var shown = transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
        var certificate = shown is null ? null : Find(shown, options);
        var connection = new PushConnection(transport, options, certificate, findings, connections.StreamLimit, connections.PingsAnswered);
        transport.Features.Set(connection);
        if (connections.TryAdd(connection, options.Rules.MaxConnectionsPerMinute))
        {
            return next(transport);
        }
        connection.Drop();
        return Task.CompletedTask;
    }

    private static SimulatorClientCertificate? Find(X509Certificate2 shown, SimulatorOptions options) =>
        options.ClientCertificates.FirstOrDefault(known => known.Certificate.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span));
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PushFanout.Integration.Tests.Telemetry;

/// <summary>A span as it was received; ids in hex, a parent is empty when there is none.</summary>
internal sealed record ReceivedSpan(
    string Name, string TraceId, string SpanId, string ParentId, IReadOnlyList<(string TraceId, string SpanId)> Links, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A small OpenTelemetry collector: takes OTLP over gRPC and reads as much of it as the tests ask for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const int FrameHead = 5; // of gRPC: a flag and the length

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, byte> _metrics = new();
    private readonly ConcurrentDictionary<string, byte> _paths = new();

    private OtlpReceiver(WebApplication application)
    {
        _application = application;
        application.Run(TakeAsync);
    }

    /// <summary>Every span so far.</summary>
    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    /// <summary>Names of every metric so far.</summary>
    public ICollection<string> Metrics => _metrics.Keys;

    /// <summary>The methods that were called.</summary>
    public ICollection<string> Paths => _paths.Keys;

    /// <summary>Attributes of the resource that spans came from, of the last one.</summary>
    public IReadOnlyDictionary<string, string> Resource { get; private set; } = new Dictionary<string, string>();

    /// <summary>Of the last call: <c>x-team</c>, which the tests have the exporter send.</summary>
    public string? Team { get; private set; }

    public string Url => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var receiver = new OtlpReceiver(builder.Build());
        await receiver._application.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        Assert.Equal(body.Length - FrameHead, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
        Team = context.Request.Headers["x-team"];
        if (context.Request.Path.Value!.Contains("TraceService", StringComparison.Ordinal))
        {
            ReadSpans(body[FrameHead..]);
        }
        else
        {
            ReadMetrics(body[FrameHead..]);
        }
        _paths[context.Request.Path] = 0;
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[FrameHead]); // an empty message
        context.Response.AppendTrailer("grpc-status", "0");
    }

    // Numbers of fields are those of opentelemetry-proto: ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Span, Link, KeyValue, AnyValue.
    private void ReadSpans(byte[] request)
    {
        Resource = Attributes(Protobuf.Parts(Protobuf.Parts(request, 1).First(), 1).Single(), 1);
        foreach (var span in Protobuf.Parts(request, 1).SelectMany(resource => Protobuf.Parts(resource, 2)).SelectMany(scope => Protobuf.Parts(scope, 2)))
        {
            _spans.Enqueue(new ReceivedSpan(
                Protobuf.Text(span, 5), Protobuf.Hex(span, 1), Protobuf.Hex(span, 2), Protobuf.Hex(span, 4),
                [.. Protobuf.Parts(span, 13).Select(link => (Protobuf.Hex(link, 1), Protobuf.Hex(link, 2)))],
                Attributes(span, 9)));
        }
    }

    private static Dictionary<string, string> Attributes(byte[] message, int field) =>
        Protobuf.Parts(message, field).ToDictionary(attribute => Protobuf.Text(attribute, 1), attribute => Protobuf.AnyValue(Protobuf.Parts(attribute, 2).Single()));

    private void ReadMetrics(byte[] request)
    {
        foreach (var metric in Protobuf.Parts(request, 1).SelectMany(resource => Protobuf.Parts(resource, 2)).SelectMany(scope => Protobuf.Parts(scope, 2)))
        {
            _metrics[Protobuf.Text(metric, 1)] = 0;
        }
    }
}

/// <summary>As much of the protobuf encoding as it takes to read fields by their numbers.</summary>
internal static class Protobuf
{
    /// <summary>Every value of a field that has a length: messages, strings and bytes.</summary>
    public static IEnumerable<byte[]> Parts(byte[] message, int field) => Fields(message).Where(part => part.Field == field && part.Bytes is not null).Select(part => part.Bytes!);

    public static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Parts(message, field).LastOrDefault([]));

    public static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Parts(message, field).LastOrDefault([]));

    /// <summary>A string or a number.</summary>
    public static string AnyValue(byte[] value) =>
        Fields(value).Select(part => part.Bytes is { } bytes ? Encoding.UTF8.GetString(bytes) : ((long)part.Number).ToString(System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault("");

    private static IEnumerable<(int Field, byte[]? Bytes, ulong Number)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            var (field, kind) = ((int)(key >> 3), key & 7);
            switch (kind)
            {
                case 0:
                    yield return (field, null, Number(message, ref at));
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Number(message, ref at);
                    yield return (field, message[at..(at + length)], 0);
                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {kind}");
            }
        }
    }

    private static ulong Number(byte[] message, ref int at)
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}

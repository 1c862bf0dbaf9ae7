using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace PushFanout.ApnsSimulator;

/// <summary>The control port: ask and steer from a shell or from any language. Device tokens come in bodies only, never in a URL.</summary>
internal sealed class ControlEndpoint(SimulatorHost simulator)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DictionaryKeyPolicy = null,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentException or BadHttpRequestException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = e.Message }, Json);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The one who asked has gone.
        }
    }

    private Task RouteAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", "/stats") => AnswerAsync(context, simulator.Stats),
        ("GET", "/notifications") => AnswerAsync(context, simulator.Recorder.Notifications),
        ("GET", "/lint") => AnswerAsync(context, simulator.Findings),
        ("GET", "/pushes") => WritePushesAsync(context),
        ("GET", "/wait") => WaitAsync(context),
        ("GET", "/ca.pem") => context.Response.WriteAsync(simulator.Authority.ExportCertificatePem() + "\n"),
        ("POST", "/faults") => TakeAsync<FaultOrder[]>(context, OrderFaults),
        ("POST", "/tokens") => TakeAsync<TokenOrder>(context, order => order.ApplyTo(simulator.Tokens)),
        ("POST", "/latency") => TakeAsync<LatencyOrder>(context, order => simulator.Latency = order.ToLatency()),
        ("POST", "/reset") => Do(context, simulator.Reset),
        ("POST", "/heal") => Do(context, simulator.Heal),
        ("POST", "/goaway") => context.Request.ContentLength is 0 or null
            ? Do(context, () => simulator.SendGoAway())
            : TakeAsync<GoAwayFrame>(context, simulator.SendGoAway),
        ("POST", "/streams") => TakeAsync<StreamOrder>(context, order => simulator.LimitStreams(order.CheckedLimit)),
        ("POST", "/flood") => TakeAsync<FloodOrder>(context, order => simulator.Flood(order.Frame, order.Count)),
        ("POST", "/pings") => TakeAsync<PingOrder>(context, order => simulator.AnswerPings(order.Answered)),
        ("POST", "/drop") => Do(context, simulator.DropConnections),
        ("POST", "/freeze") => Do(context, simulator.FreezeConnections),
        ("POST", "/thaw") => Do(context, simulator.ThawConnections),
        _ => Do(context, () => context.Response.StatusCode = StatusCodes.Status404NotFound),
    };

    private static Task AnswerAsync<T>(HttpContext context, T answer) => context.Response.WriteAsJsonAsync(answer, Json, context.RequestAborted);

    private static Task Do(HttpContext context, Action action)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        action();
        return Task.CompletedTask;
    }

    private static async Task TakeAsync<T>(HttpContext context, Action<T> take)
    {
        var order = await context.Request.ReadFromJsonAsync<T>(Json, context.RequestAborted) ?? throw new FormatException("The body is null.");
        await Do(context, () => take(order));
    }

    /// <summary>Orders with a share become the new random plan; orders with times wait in the queue for the next pushes.</summary>
    private void OrderFaults(FaultOrder[] orders)
    {
        if (orders.Any(order => order.Share is null == order.Times is null))
        {
            throw new FormatException("Each fault has either a share or times.");
        }
        var plan = new FaultPlan(orders.Where(order => order.Share is not null).Select(order => new FaultShare(order.Share!.Value, order.ToFault())));
        var queue = orders.Where(order => order.Times is not null).Select(order => (Fault: order.ToFault(), Times: order.Times!.Value)).ToList();
        simulator.Faults = plan;
        foreach (var (fault, times) in queue)
        {
            simulator.StrikeNext(fault, times);
        }
    }

    private async Task WaitAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var timeout = TimeSpan.FromSeconds(Number(query["timeoutSeconds"], 30));
        timeout = timeout < LongestWait ? timeout : LongestWait;
        var reached = query.ContainsKey("answered")
            ? await simulator.Recorder.WaitForAnsweredAsync(Number(query["answered"], 0), timeout, context.RequestAborted)
            : await simulator.Recorder.WaitForAcceptedAsync(Number(query["accepted"], 1), timeout, context.RequestAborted);
        await AnswerAsync(context, new { reached, simulator.Recorder.Accepted, simulator.Recorder.Answered });
    }

    private async Task WritePushesAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var pushes = simulator.Recorder.Pushes(query["notification"]);
        pushes = query["outcome"].ToString() switch
        {
            "" or "accepted" => pushes.Where(push => push.IsAccepted),
            "refused" => pushes.Where(push => !push.IsAccepted),
            "all" => pushes,
            _ => throw new FormatException("outcome is accepted, refused or all."),
        };
        pushes = pushes.Skip((int)Number(query["skip"], 0)).Take((int)Number(query["take"], int.MaxValue));
        switch (query["format"].ToString())
        {
            case "" or "json":
                context.Response.ContentType = "application/json";
                await PushStream.WriteJsonAsync(pushes, context.Response.BodyWriter, context.RequestAborted);
                break;
            case "binary":
                context.Response.ContentType = "application/octet-stream";
                await PushStream.WriteBinaryAsync(pushes, context.Response.BodyWriter, context.RequestAborted);
                break;
            default:
                throw new FormatException("format is json or binary.");
        }
    }

    private static long Number(string? text, long otherwise) =>
        string.IsNullOrEmpty(text) ? otherwise
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number
        : throw new FormatException("A number from 0 to 2,147,483,647 is expected.");
}

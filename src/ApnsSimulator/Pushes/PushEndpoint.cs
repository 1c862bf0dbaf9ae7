using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// The way of one push: the checks, then what its token deserves, then what may go wrong, then the answer. A push is recorded when
/// it is accepted, before its answer goes out.
/// </summary>
internal sealed class PushEndpoint(
    SimulatorOptions options, PushExamination examination, TokenWorld tokens, FaultScript faults, PushRecorder recorder, FaultTally struck) : IDisposable
{
    private readonly DeviceThrottle throttle = new(options.DeviceBurst, options.DeviceBurstWindow, options.TimeProvider);
    private readonly Dice dice = new(~options.Seed);
    private readonly CancellationTokenSource stopping = new();
    private volatile AnswerLatency latency = options.Latency;
    private int inFlight;

    public int InFlight => Volatile.Read(ref inFlight);

    public AnswerLatency Latency { get => latency; set => latency = value; }

    public async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref inFlight);
        var connection = context.Features.GetRequiredFeature<PushConnection>();
        try
        {
            if (!await IsToBeHandledAsync(context, connection))
            {
                return;
            }
            var body = await PushBody.ReadAsync(context.Request.BodyReader);
            var push = examination.Examine(context, body);
            var fault = push.Refusal is null ? FateOf(push.TokenHash!.Value, ref push.Refusal) : null;
            if (fault is null)
            {
                await AnswerAsync(context, connection, push, push.Refusal, latency.Draw(dice));
            }
            else
            {
                struck.Count(fault.Kind);
                await StrikeAsync(context, connection, push, fault);
            }
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // the client or the simulator went away: there is nobody to answer
        }
        catch (IOException)
        {
            // The client broke the stream while its body was read.
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    /// <summary>Ends what is held back.</summary>
    public void Stop() => stopping.Cancel();

    public void Dispose() => stopping.Dispose();

    /// <summary>A stream above the connection's limit is refused; one above the last stream of a GOAWAY is not answered.</summary>
    private static async ValueTask<bool> IsToBeHandledAsync(HttpContext context, PushConnection connection)
    {
        switch (connection.TakeFate(StreamOf(context)))
        {
            case StreamFate.Refuse:
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(Fault.RefusedStream);
                return false;
            case StreamFate.Ignore:
                await connection.Left.WaitAsync(context.RequestAborted);
                context.Abort();
                return false;
            default:
                return true;
        }
    }

    private Fault? FateOf(ulong tokenHash, ref PushReply? refusal)
    {
        if (tokens.WrongEnvironment)
        {
            refusal = Refusals.BadDeviceToken;
            return null;
        }
        if (tokens.FaultFor(tokenHash) is { } scripted)
        {
            return scripted;
        }
        refusal = tokens.ShareOf(tokenHash) ?? (throttle.Refuses(tokenHash) ? Refusals.TooManyRequests : null);
        return refusal is null ? faults.Take() : null;
    }

    private async Task StrikeAsync(HttpContext context, PushConnection connection, ExaminedPush push, Fault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.GoAway:
                connection.SendGoAway(fault.Frame!);
                break;
            case FaultKind.LimitStreams:
                connection.LimitStreams(fault.StreamLimit);
                break;
            case FaultKind.CutAnswer:
                connection.CutBody(StreamOf(context));
                break;
        }
        if (fault.Kind is FaultKind.Answer or FaultKind.Delay or FaultKind.LimitStreams or FaultKind.CutAnswer || fault.Frame is { Drop: false })
        {
            await AnswerAsync(context, connection, push, fault.Reply is { Status: not 200 } ? fault.Reply : null, latency.Draw(dice) + fault.Time);
            return;
        }
        if (fault.AcceptFirst)
        {
            Record(push, null);
        }
        switch (fault.Kind)
        {
            case FaultKind.ResetStream:
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(fault.ErrorCode);
                break;
            case FaultKind.DropConnection:
                connection.Drop();
                break;
            case FaultKind.ResetAnswer:
                Record(push, fault.Reply);
                await BeginAnswerAsync(context, connection, push, fault.Reply!);
                context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(fault.ErrorCode);
                break;
            case FaultKind.GoAway or FaultKind.Stall:
                using (var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
                }
                break;
        }
    }

    private async Task AnswerAsync(HttpContext context, PushConnection connection, ExaminedPush push, PushReply? refusal, TimeSpan after)
    {
        Record(push, refusal);
        if (after > TimeSpan.Zero)
        {
            await Task.Delay(after, options.TimeProvider, stopping.Token);
        }
        connection.Answering(refusal);
        WriteHead(context.Response, push, refusal);
        if (refusal is { Body.IsEmpty: false })
        {
            await context.Response.BodyWriter.WriteAsync(refusal.Body);
        }
    }

    private async Task BeginAnswerAsync(HttpContext context, PushConnection connection, ExaminedPush push, PushReply refusal)
    {
        WriteHead(context.Response, push, refusal);
        var written = connection.BodyOnItsWay(StreamOf(context));
        await context.Response.BodyWriter.WriteAsync(refusal.Body[..(refusal.Body.Length / 2)]);
        await written.WaitAsync(context.RequestAborted);
    }

    private static int StreamOf(HttpContext context) => context.Features.GetRequiredFeature<IHttp2StreamIdFeature>().StreamId;

    private void WriteHead(HttpResponse response, in ExaminedPush push, PushReply? refusal)
    {
        response.Headers["apns-id"] = push.IdText;
        if (options.Environment is SimulatedEnvironment.Sandbox)
        {
            response.Headers["apns-unique-id"] = Guid.NewGuid().ToString();
        }
        if (refusal is null)
        {
            return;
        }
        response.StatusCode = refusal.Status;
        response.Headers.RetryAfter = refusal.RetryAfter;
        if (!refusal.Body.IsEmpty)
        {
            response.ContentType = refusal.ContentType;
            response.ContentLength = refusal.Body.Length;
        }
    }

    private void Record(in ExaminedPush push, PushReply? refusal)
    {
        if (refusal is null)
        {
            recorder.Accept(push.TokenHash!.Value, push.CollapseId, push.Id, push.IdGiven);
        }
        else
        {
            recorder.Refuse(push.TokenHash, push.CollapseId, push.Id, refusal);
        }
    }
}

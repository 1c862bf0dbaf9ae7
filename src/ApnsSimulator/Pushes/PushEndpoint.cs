using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

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
        try
        {
            var body = await PushBody.ReadAsync(context.Request.BodyReader);
            var push = examination.Examine(context, body);
            var fault = push.Refusal is null ? FateOf(push.TokenHash!.Value, ref push.Refusal) : null;
            if (fault is null)
            {
                await AnswerAsync(context, push, push.Refusal, latency.Draw(dice));
            }
            else
            {
                struck.Count(fault.Kind);
                await StrikeAsync(context, push, fault);
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

    private async Task StrikeAsync(HttpContext context, ExaminedPush push, Fault fault)
    {
        if (fault.Kind is FaultKind.Answer or FaultKind.Delay or FaultKind.GoAway)
        {
            if (fault.Kind is FaultKind.GoAway)
            {
                context.Features.GetRequiredFeature<PushConnection>().SendGoAway();
            }
            await AnswerAsync(context, push, fault.Reply is { Status: not 200 } ? fault.Reply : null, latency.Draw(dice) + fault.Time);
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
                context.Features.GetRequiredFeature<PushConnection>().Drop();
                break;
            case FaultKind.Stall:
                using (var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token))
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
                }
                break;
        }
    }

    private async Task AnswerAsync(HttpContext context, ExaminedPush push, PushReply? refusal, TimeSpan after)
    {
        Record(push, refusal);
        if (after > TimeSpan.Zero)
        {
            await Task.Delay(after, options.TimeProvider, stopping.Token);
        }
        var response = context.Response;
        response.Headers["apns-id"] = push.IdText;
        if (options.Environment is SimulatedEnvironment.Sandbox)
        {
            response.Headers["apns-unique-id"] = Guid.NewGuid().ToString();
        }
        if (refusal is not null)
        {
            response.StatusCode = refusal.Status;
            response.Headers.RetryAfter = refusal.RetryAfter;
            if (!refusal.Body.IsEmpty)
            {
                response.ContentType = refusal.ContentType;
                response.ContentLength = refusal.Body.Length;
                await response.BodyWriter.WriteAsync(refusal.Body);
            }
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

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace PushFanout.ApnsSimulator;

/// <summary>One connection: what APNs knows about it, and what can be done to it.</summary>
internal sealed class PushConnection
{
    private readonly Lock gate = new();
    private readonly ConnectionContext transport;
    private readonly ConnectionRules rules;
    private readonly TimeSpan patience;
    private readonly LintFindings findings;
    private readonly StreamPolicy streams;
    private readonly FrameTap frames;
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? leaving;

    /// <param name="certificate">The client's, when it showed one that is known.</param>
    /// <param name="orderedLimit">Of streams, in place of what the rules say; null for nothing.</param>
    public PushConnection(
        ConnectionContext transport, SimulatorOptions options, SimulatorClientCertificate? certificate, LintFindings findings, int? orderedLimit, bool answersPings)
    {
        this.transport = transport;
        this.findings = findings;
        rules = options.Rules;
        patience = options.Patience;
        Certificate = certificate;
        Binding = new KeyBinding(options, findings);
        var most = options.MaxStreamsPerConnection;
        streams = new StreamPolicy(rules, most, certificate is null ? rules.StreamsBeforeAuthentication ?? most : most, orderedLimit);
        frames = new FrameTap(transport.Transport, streams.Limit, rules.StreamWindowBytes, Notice, EndHere) { SwallowsPings = !answersPings };
        transport.Transport = frames;
    }

    public SimulatorClientCertificate? Certificate { get; }

    public KeyBinding Binding { get; }

    /// <summary>Completes when nothing of the connection is waited for any more.</summary>
    public Task Left => left.Task;

    public StreamFate TakeFate(int streamId) => frames.TakeFate(streamId);

    /// <summary>An answer is about to go out: it may change how many streams there are, and a rejection too many ends the connection.</summary>
    public void Answering(PushReply? refusal)
    {
        var tooMany = streams.Answered(refusal);
        frames.LimitStreams(streams.Limit);
        if (tooMany)
        {
            SendGoAway(new GoAwayFrame());
        }
    }

    /// <summary>Gives the connection a stream limit; null goes back to what the rules say.</summary>
    public void LimitStreams(int? limit)
    {
        streams.Order(limit);
        frames.LimitStreams(streams.Limit);
        _ = frames.SendQueuedAsync(); // fails only with its connection
    }

    public void AnswerPings(bool answered) => frames.SwallowsPings = !answered;

    /// <summary>Lets the connection end in the middle of the body that is about to be sent.</summary>
    public void CutBody(int streamId) => frames.CutBody(streamId);

    /// <summary>Completes when the begin of a body is on its way. To be asked for before it is written.</summary>
    public Task BodyOnItsWay(int streamId) => frames.BodyOnItsWay(streamId);

    public void Drop()
    {
        transport.Abort(new ConnectionAbortedException("The simulator drops this connection."));
        Thaw(); // so that the end is noticed
    }

    public void SendGoAway(GoAwayFrame frame)
    {
        lock (gate)
        {
            leaving ??= LeaveAsync(frame);
        }
    }

    public void Flood(FloodFrame frame, int count) => _ = frames.FloodAsync(frame, count); // fails only with its connection

    public void Freeze() => transport.Features.GetRequiredFeature<FreezeGate>().Freeze();

    public void Thaw() => transport.Features.GetRequiredFeature<FreezeGate>().Thaw();

    /// <summary>The connection has ended.</summary>
    public void Over() => left.TrySetResult();

    private async Task LeaveAsync(GoAwayFrame frame)
    {
        var last = frames.Cut(frame.Unhandled);
        await Task.WhenAny(frames.Greeted, Left);
        await Task.WhenAny(frames.IgnoredEnough, Task.Delay(patience));
        if (frame.Twice)
        {
            frames.Queue(ServerFrame.GoAway(int.MaxValue, frame.ErrorCode, frame.Debug));
        }
        frames.Queue(ServerFrame.GoAway(last, frame.ErrorCode, frame.Debug));
        await frames.SendQueuedAsync();
        if (frame.Drop)
        {
            await frames.PingAsync(patience);
            Drop();
            return;
        }
        // Not before: when nothing is under way, Kestrel closes at once, and forgets the request that it has not read yet.
        await Task.WhenAny(frames.AllEnded, Left);
        transport.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        left.TrySetResult();
    }

    private void Notice(Finding finding)
    {
        findings.Count(finding);
        if (rules.Ends(finding))
        {
            SendGoAway(finding is Finding.StreamLimitExceeded ? GoAwayFrame.TooManyStreams : GoAwayFrame.Because(finding.ToString()) with { ErrorCode = 11 });
        }
    }

    /// <summary>What was written still goes out, then the connection ends.</summary>
    private void EndHere() => transport.Features.GetRequiredFeature<FreezeGate>().EndOutput();
}

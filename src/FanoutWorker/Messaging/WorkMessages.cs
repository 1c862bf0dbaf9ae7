using PushFanout.TokenCache;
using PushFanout.Worker.Ledger;

namespace PushFanout.Worker.Messaging;

/// <summary>Everything of a push but its token, worked out once at intake: a batch can be sent when the ledger has forgotten everything.</summary>
/// <param name="App">The app's name.</param>
/// <param name="Source">The service that asked; second word of the routing key of results.</param>
/// <param name="RequestedAt">When the worker first saw the request.</param>
/// <param name="NotBefore">Nothing is sent before; null is at once.</param>
/// <param name="Deadline">Nothing is sent after: what is pending then is expired.</param>
/// <param name="ExpirationUnixSeconds"><c>apns-expiration</c>; null leaves the header out.</param>
/// <param name="DryRun">Count, send nothing.</param>
/// <param name="PushesPerSecond">The request's own limit, over all workers; null when it has none.</param>
internal sealed record PushTemplate(
    string App, string? Source, string Topic, string PushType, int? Priority, string CollapseId, long? ExpirationUnixSeconds,
    DateTimeOffset RequestedAt, DateTimeOffset? NotBefore, DateTimeOffset Deadline, bool DryRun, double? PushesPerSecond)
{
    public override string ToString() => $"{PushType} push of {App}";
}

/// <summary>Read the tokens of one range, fix them in the ledger, publish them in batches.</summary>
/// <param name="Request">The request's JSON, so that a range can be expanded by a worker that never saw the request.</param>
internal sealed record ExpandRange(
    Guid NotificationId, Lane Lane, int Range, int FirstShard, int EndShard, DateTimeOffset RequestedAt, ReadOnlyMemory<byte> Request)
{
    public override string ToString() => $"range {Range} of {NotificationId}";
}

/// <summary>Push one notification to up to 500 tokens.</summary>
/// <param name="Offset">Position of the first token in its range.</param>
/// <param name="Attempt">From 0; the same batch in a later attempt is a message of its own.</param>
/// <param name="Tokens">All tokens of the batch, also in later attempts: positions never change; the claim tells what is pending.</param>
/// <param name="Payload">The JSON for the device.</param>
/// <param name="Origin">On the short way: what the ledger needs besides, if it has lost everything. Null on the planned way, where the tick has it.</param>
/// <param name="LostBefore">The ledger did not know the notification when the message was last read.</param>
/// <param name="Held">When tokens of the batch were suspected that are held since; null when none is known to be.</param>
internal sealed record PushBatch(
    BatchKey Key, Lane Lane, int Offset, int Attempt, PushTemplate Template, ReadOnlyMemory<byte> Payload, PackedTokens Tokens,
    RequestOrigin? Origin = null, bool LostBefore = false, HeldTime? Held = null)
{
    public override string ToString() => $"batch {Key}, attempt {Attempt}, {Tokens.Count} tokens";
}

/// <summary>Between these two moments, in the time of the ledger, APNs' answers put tokens of a batch under suspicion.</summary>
internal sealed record HeldTime(DateTimeOffset First, DateTimeOffset Last);

/// <summary>What of a request is neither in the template nor in the payload, and needed to end its notification.</summary>
/// <param name="Digest">The request's <see cref="Contracts.RequestDigest"/>, in hex.</param>
/// <param name="Reference">What the service wants back.</param>
/// <param name="Report">What is published at the end.</param>
internal sealed record RequestOrigin(string Digest, string? Reference, Contracts.Report Report);

/// <summary>Circles through the wait queues until the notification has ended: the net under completion, deadline and lost releases.</summary>
/// <param name="SettledTokens">Tokens with an outcome when it was sent: standing still is a stall.</param>
/// <param name="StandstillTicks">Ticks in a row that saw the same number.</param>
/// <param name="Plan">What the record was made from; null on the short way.</param>
/// <param name="State">The state when it was sent.</param>
/// <param name="Losses">How often the record was lost and made anew.</param>
/// <param name="LostBefore">The ledger did not know the notification when the tick was last read.</param>
/// <param name="Number">
/// One more than of the tick before: of two with the same number one is a copy, see <see cref="INotificationLedger.TickedAsync"/>. Null from a build that did not count them.
/// </param>
internal sealed record NotificationTick(
    Guid NotificationId, Lane Lane, DateTimeOffset? NotBefore, DateTimeOffset Deadline, long SettledTokens, int StandstillTicks,
    NotificationPlan? Plan = null, NotificationState State = NotificationState.Running, int Losses = 0, bool LostBefore = false,
    int? Number = null)
{
    public override string ToString() => $"tick of {NotificationId}";
}

/// <summary>Everything from which a record on the planned way can be made anew.</summary>
/// <param name="RequestedAt">When the worker first saw the request.</param>
/// <param name="RangeEnds">See <see cref="NewNotification.RangeEnds"/>.</param>
/// <param name="Request">The request's JSON.</param>
internal sealed record NotificationPlan(DateTimeOffset RequestedAt, IReadOnlyList<int> RangeEnds, ReadOnlyMemory<byte> Request)
{
    public override string ToString() => $"plan of {RangeEnds.Count} ranges";
}

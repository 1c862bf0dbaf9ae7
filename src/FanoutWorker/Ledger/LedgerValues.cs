using PushFanout.TokenCache;

namespace PushFanout.Worker.Ledger;

internal enum NotificationState : byte
{
    Running,
    Paused,
    Braked,
    Cancelled,
    Expired,
    Done,
}

internal enum ControlAction : byte
{
    Pause,
    Resume,
    Cancel,
    /// <summary>The deadline passed: like cancel, but what is pending becomes expired. Ours, never from a message.</summary>
    Expire,
}

/// <summary>A request with the plan that intake made for it.</summary>
/// <param name="Id">The notification's id.</param>
/// <param name="App">The app's name.</param>
/// <param name="Digest">Identity of the request's content, 32 bytes: the same id with another digest is a conflict.</param>
/// <param name="Request">The request as JSON, opaque here; dropped at close.</param>
/// <param name="RangeEnds">Range r covers shards [RangeEnds[r−1], RangeEnds[r]); one entry on the short way.</param>
/// <param name="Window">How many ranges are released at once.</param>
/// <param name="ShortWay">The tokens when they all fit one batch (may be zero tokens); null on the planned way.</param>
/// <param name="Malformed">Tokens of the request that were no tokens.</param>
/// <param name="UsersWithoutDevices">Users of the request without a device.</param>
/// <param name="RequestedAt">When the worker first saw the request.</param>
internal sealed record NewNotification(
    Guid Id, string App, ReadOnlyMemory<byte> Digest, ReadOnlyMemory<byte> Request, IReadOnlyList<int> RangeEnds, int Window,
    RangeContent? ShortWay, int Malformed, int UsersWithoutDevices, DateTimeOffset RequestedAt)
{
    public override string ToString() => $"notification {Id} of {App} in {RangeEnds.Count} ranges";
}

internal enum CreateVerdict : byte
{
    /// <summary>Written now.</summary>
    New,
    /// <summary>Written before with the same digest: go on with what is stored.</summary>
    Same,
    /// <summary>Written before with another digest.</summary>
    Conflict,
    /// <summary>Ended before; nothing to do.</summary>
    Done,
    /// <summary>Written now, but a cancel was waiting for this id: it is created cancelled and only counts.</summary>
    Cancelled,
}

/// <param name="Verdict">What happened.</param>
/// <param name="State">The state now; paused when a pause was waiting for this id.</param>
/// <param name="Stored">What is stored: on <see cref="CreateVerdict.Same"/> the first plan, not the one given. Null on conflict and done.</param>
/// <param name="ShortWay">The stored tokens of the short way; null on the planned way.</param>
/// <param name="Now">Redis time.</param>
internal sealed record CreateResult(
    CreateVerdict Verdict, NotificationState State, StoredNotification? Stored, RangeContent? ShortWay, DateTimeOffset Now);

/// <summary>What a record holds of its request.</summary>
/// <param name="Request">The request as JSON.</param>
/// <param name="RangeEnds">The plan, see <see cref="NewNotification.RangeEnds"/>.</param>
/// <param name="Released">Ranges 0 to Released − 1 have been handed out for expansion.</param>
/// <param name="Unfinished">Released ranges whose batches are not all confirmed yet.</param>
/// <param name="State">The state now.</param>
/// <param name="Complete">Every token is settled but <see cref="INotificationLedger.CloseAsync"/> has not run.</param>
/// <param name="SettledTokens">Tokens with an outcome: standing still over two ticks means a stall.</param>
/// <param name="RequestedAt">When the worker first saw the request.</param>
/// <param name="ShortWay">Whether it went the short way.</param>
/// <param name="Now">Redis time.</param>
internal sealed record StoredNotification(
    Guid Id, string App, ReadOnlyMemory<byte> Request, IReadOnlyList<int> RangeEnds, int Released, IReadOnlyList<int> Unfinished,
    NotificationState State, bool Complete, long SettledTokens, DateTimeOffset RequestedAt, bool ShortWay, DateTimeOffset Now)
{
    public override string ToString() => $"notification {Id} of {App}, {State}";
}

/// <summary>The tokens of one range in a fixed order.</summary>
/// <param name="Tokens">The tokens, packed.</param>
/// <param name="Digest64">Hash of the packed bytes: a position means something only together with this.</param>
internal readonly record struct RangeContent(PackedTokens Tokens, ulong Digest64)
{
    public static RangeContent Of(PackedTokens tokens) => new(tokens, TokenHash.Of(tokens.Bytes.Span));

    public override string ToString() => $"{Tokens.Count} tokens";
}

internal enum SnapVerdict : byte
{
    /// <summary>The content given is now what the range holds.</summary>
    Stored,
    /// <summary>Somebody stored it before: publish <see cref="SnapResult.Content"/> instead of what was given.</summary>
    UseStored,
    /// <summary>Every batch of the range was confirmed before: nothing to publish.</summary>
    Done,
    /// <summary>There is no record of the notification.</summary>
    Lost,
}

/// <param name="Verdict">What to do.</param>
/// <param name="State">State of the notification: paused and braked wait; cancelled and expired only count.</param>
/// <param name="Generation">Goes into every batch of the range.</param>
/// <param name="Content">What to publish (given or stored).</param>
/// <param name="Now">Redis time.</param>
internal readonly record struct SnapResult(SnapVerdict Verdict, NotificationState State, int Generation, RangeContent Content, DateTimeOffset Now);

/// <summary>What a write made visible about the whole notification.</summary>
/// <param name="State">The state now.</param>
/// <param name="Complete">Every token is settled and the end not yet published: whoever sees it finishes, publishes and closes before its ack.</param>
/// <param name="ReleaseRange">A range to publish now, or −1. Offered again later when it is not snapped in time.</param>
/// <param name="Now">Redis time.</param>
internal readonly record struct LedgerProgress(NotificationState State, bool Complete, int ReleaseRange, DateTimeOffset Now);

/// <summary>A batch, the same over all its attempts.</summary>
internal readonly record struct BatchKey(Guid Notification, int Range, int Generation, int Index)
{
    public override string ToString() => $"{Notification}/{Range}/{Generation}/{Index}";
}

/// <param name="Batch">Which batch.</param>
/// <param name="Offset">Position of its first token in the range.</param>
/// <param name="Count">Its number of tokens.</param>
/// <param name="Digest64">Digest of the range it was cut from.</param>
/// <param name="Attempt">The attempt that the message carries, from 0.</param>
/// <param name="Owner">Who asks: random per process and delivery, never 0.</param>
/// <param name="Lease">How long the batch is ours without a settle.</param>
internal readonly record struct ClaimRequest(BatchKey Batch, int Offset, int Count, ulong Digest64, int Attempt, ulong Owner, TimeSpan Lease);

internal enum ClaimVerdict : byte
{
    /// <summary>Send what is pending.</summary>
    Go,
    /// <summary>Nothing is pending.</summary>
    Settled,
    /// <summary>A newer attempt or generation exists; this message is of no use.</summary>
    Stale,
    /// <summary>Another worker holds the lease.</summary>
    Busy,
    /// <summary>Wait.</summary>
    Paused,
    /// <summary>Settle what is pending as cancelled, or expired (see the state), without sending.</summary>
    Cancelled,
    /// <summary>Five claims without one new outcome: park the message, settle undeliverable.</summary>
    Poison,
    /// <summary>No record of the notification, or of the range.</summary>
    Lost,
    /// <summary>The notification ended before.</summary>
    Done,
}

/// <param name="Verdict">What to do.</param>
/// <param name="Progress">The notification as a whole.</param>
/// <param name="Outcomes">One byte per token of the batch; empty unless Go, Cancelled or Poison.</param>
/// <param name="LeaseUntil">End of our lease in Redis time; no stream starts after it.</param>
internal readonly record struct ClaimResult(ClaimVerdict Verdict, LedgerProgress Progress, ReadOnlyMemory<byte> Outcomes, DateTimeOffset LeaseUntil);

/// <param name="Batch">Which batch.</param>
/// <param name="Offset">Position in the range of the first byte given.</param>
/// <param name="Outcomes">New outcomes, one byte per token from Offset on; 0 leaves a token as it is.</param>
/// <param name="Owner">Whose lease to renew; 0 when nobody's (an expander that only counts).</param>
/// <param name="Lease">The renewed lease.</param>
/// <param name="Ambiguous">Answers since the last settle that were written and never answered; counted, not an outcome.</param>
internal readonly record struct SettleSegment(BatchKey Batch, int Offset, ReadOnlyMemory<byte> Outcomes, ulong Owner, TimeSpan Lease, int Ambiguous);

/// <param name="Progress">The notification as a whole.</param>
/// <param name="StillOwner">Per segment: whether the lease was still ours and is renewed. When not: start nothing new, hand back.</param>
internal readonly record struct SettleResult(LedgerProgress Progress, IReadOnlyList<bool> StillOwner);

/// <param name="State">The state now.</param>
/// <param name="Known">Whether the notification exists; otherwise the action is remembered for it.</param>
/// <param name="Applied">Whether this action decided the state; false when an older <c>at</c> or a cancel before it won.</param>
/// <param name="Complete">See <see cref="LedgerProgress.Complete"/>.</param>
internal readonly record struct ControlResult(NotificationState State, bool Known, bool Applied, bool Complete);

/// <summary>Counts of a notification.</summary>
/// <param name="State">How it ended, or stands: running, paused …; an ended one is done, cancelled or expired.</param>
/// <param name="Audience">Tokens in total, so far.</param>
/// <param name="ByOutcome">Index: <see cref="Outcome"/>; 8 entries, pending among them.</param>
/// <param name="ByValue">Index: the outcome byte; only entries above zero, without pending.</param>
/// <param name="Ambiguous">Answers that never came.</param>
/// <param name="Late">Outcomes that came after the end.</param>
/// <param name="Exact">False when the ledger had lost something and was made anew.</param>
/// <param name="FirstPushAt">Redis time of the first outcome that only an attempt can have; null before.</param>
/// <param name="Request">The request as JSON; empty after the end.</param>
internal sealed record NotificationTotals(
    Guid Id, string App, NotificationState State, long Audience, IReadOnlyList<long> ByOutcome, IReadOnlyDictionary<byte, long> ByValue,
    long Ambiguous, long Late, bool Exact, int Malformed, int UsersWithoutDevices,
    DateTimeOffset RequestedAt, DateTimeOffset? FirstPushAt, DateTimeOffset? CompletedAt, ReadOnlyMemory<byte> Request)
{
    public override string ToString() => $"totals of {Id}: {Audience} tokens";
}

/// <param name="Totals">Counts so far; frozen once ended.</param>
/// <param name="State">The state now.</param>
/// <param name="StateAt">Since when, as the control message said.</param>
/// <param name="Ranges">Ranges planned.</param>
/// <param name="RangesExpanded">Ranges whose batches are all confirmed.</param>
internal sealed record NotificationStatus(NotificationTotals Totals, NotificationState State, DateTimeOffset StateAt, int Ranges, int RangesExpanded);

/// <summary>Where a token stands in a notification.</summary>
internal readonly record struct TokenReceipt(int Range, int Position, OutcomeByte Outcome);

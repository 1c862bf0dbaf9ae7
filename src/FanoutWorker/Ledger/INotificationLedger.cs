namespace PushFanout.Worker.Ledger;

/// <summary>
/// The exact bookkeeping of notifications: what was planned, what each token's outcome is, who is sending which batch. Two
/// implementations answer alike: Redis, and memory for the demo. Every call may throw
/// <see cref="TokenCache.TokenCacheUnavailableException"/>; then nothing is known and nothing may be sent.
/// </summary>
internal interface INotificationLedger
{
    /// <summary>Writes the record and its plan in one step, once; on the short way its tokens too.</summary>
    Task<CreateResult> CreateAsync(NewNotification notification, CancellationToken cancellationToken);

    /// <summary>Fixes what a range holds before a batch of it is published.</summary>
    Task<SnapResult> SnapAsync(Guid id, int range, RangeContent content, CancellationToken cancellationToken);

    /// <summary>Every batch of the range is confirmed by the broker; the snapshot may go.</summary>
    Task<LedgerProgress> ExpandedAsync(Guid id, int range, int generation, ulong digest64, CancellationToken cancellationToken);

    /// <summary>Asks to send a batch, or the rest of it.</summary>
    Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken);

    /// <summary>
    /// Merges outcomes of any number of batches of one notification; renews the lease of those still owned. With no segment it
    /// only asks where the notification stands, and for a range that is due: what was settled while paused released nothing.
    /// </summary>
    Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken);

    /// <summary>The next attempt's message is confirmed: older copies are stale from now on, and nobody owns the batch.</summary>
    Task AdvanceAsync(BatchKey batch, int nextAttempt, CancellationToken cancellationToken);

    /// <summary>Gives up the lease without having finished, so that the redelivered batch need not wait for it to run out.</summary>
    Task HandBackAsync(BatchKey batch, ulong owner, CancellationToken cancellationToken);

    /// <summary>Freezes the totals once; the same answer whenever it is repeated. Null when there is no record, or it is not complete.</summary>
    Task<NotificationTotals?> FinishAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>After the completion is published: done, all but tombstone, totals and receipts goes.</summary>
    Task CloseAsync(Guid id, TimeSpan dedupeWindow, TimeSpan receiptRetention, CancellationToken cancellationToken);

    /// <summary>Pauses, resumes, cancels or expires; of two the later <paramref name="at"/> wins, cancel is final. An id not seen yet is remembered.</summary>
    Task<ControlResult> ControlAsync(Guid id, ControlAction action, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>The request and plan as stored, to release a range or to tick; null when there is no record or it is closed.</summary>
    Task<StoredNotification?> ReadAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// The tick that follows tick <paramref name="number"/> is confirmed: whatever comes with this number or a lower one is a copy. Nothing without a record: then no
    /// tick is known to be one.
    /// </summary>
    Task TickedAsync(Guid id, int number, CancellationToken cancellationToken);

    /// <summary>Whether a creation with this digest would be a <see cref="CreateVerdict.Conflict"/>.</summary>
    Task<bool> IsTakenByOtherContentAsync(Guid id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken);

    /// <summary>State and counts, also after the end; null when the id is not known (any more).</summary>
    Task<NotificationStatus?> ReadStatusAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// The most recent notifications, newest first; <paramref name="before"/>, the time of the last one, continues a listing. More than <paramref name="limit"/>
    /// when those at its end were asked for in the same microsecond: they are not parted.
    /// </summary>
    Task<IReadOnlyList<NotificationStatus>> ListAsync(int limit, DateTimeOffset? before, CancellationToken cancellationToken);

    /// <summary>Notifications on the planned way that have not ended, oldest first; at most <see cref="LedgerLimits.Running"/>.</summary>
    Task<IReadOnlyList<NotificationStatus>> ListRunningAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Where a token may stand in the range that its shard belongs to: every position whose receipt hash fits, rarely more than one. Null
    /// when the range has no receipts: it was not read yet, or they are not kept any more.
    /// </summary>
    Task<RangeReceipts?> FindReceiptsAsync(Guid id, int range, uint receiptHash, CancellationToken cancellationToken);
}

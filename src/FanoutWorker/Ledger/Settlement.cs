namespace PushFanout.Worker.Ledger;

/// <summary>What a write made visible about the whole notification.</summary>
/// <param name="State">The state now.</param>
/// <param name="Complete">Every token is settled and the end not yet published: whoever sees it finishes, publishes and closes before its ack.</param>
/// <param name="ReleaseRange">A range to publish now, or −1. Offered again later when it is not snapped in time.</param>
/// <param name="Now">Redis time.</param>
internal readonly record struct LedgerProgress(NotificationState State, bool Complete, int ReleaseRange, DateTimeOffset Now);

/// <param name="Batch">Which batch.</param>
/// <param name="Offset">Position in the range of the first byte given.</param>
/// <param name="Outcomes">New outcomes, one byte per token from Offset on; 0 leaves a token as it is.</param>
/// <param name="Owner">Whose lease to renew; 0 when nobody's (an expander that only counts).</param>
/// <param name="Lease">The renewed lease.</param>
/// <param name="Ambiguous">Answers since the last settle that were written and never answered; counted, not an outcome.</param>
internal readonly record struct SettleSegment(BatchKey Batch, int Offset, ReadOnlyMemory<byte> Outcomes, ulong Owner, TimeSpan Lease, int Ambiguous);

/// <param name="Progress">The notification as a whole.</param>
/// <param name="StillOwner">Per segment: whether the lease was still ours and is renewed. When not: start nothing new, hand back.</param>
internal readonly record struct SettleResult(LedgerProgress Progress, IReadOnlyList<bool> StillOwner)
{
    /// <summary>There is no record: nothing was settled.</summary>
    public bool Lost { get; init; }
}

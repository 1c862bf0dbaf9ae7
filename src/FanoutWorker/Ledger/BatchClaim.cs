namespace PushFanout.Worker.Ledger;

/// <summary>A batch, the same over all its attempts.</summary>
/// <param name="Digest64">
/// Of the content of its range. A Redis that forgot a snapshot gives its generation away once more, to what the range holds by then: only both together say what
/// a position means.
/// </param>
internal readonly record struct BatchKey(Guid Notification, int Range, int Generation, int Index, ulong Digest64)
{
    public override string ToString() => $"{Notification}/{Range}/{Generation}/{Index}";
}

/// <param name="Batch">Which batch.</param>
/// <param name="Offset">Position of its first token in the range.</param>
/// <param name="Count">Its number of tokens.</param>
/// <param name="Attempt">The attempt that the message carries, from 0.</param>
/// <param name="Owner">Who asks: random per process and delivery, never 0.</param>
/// <param name="Lease">How long the batch is ours without a settle.</param>
/// <param name="Unhold">Makes held tokens of the batch pending again: what they were suspected for turned out to be somebody's mistake.</param>
internal readonly record struct ClaimRequest(
    BatchKey Batch, int Offset, int Count, int Attempt, ulong Owner, TimeSpan Lease, bool Unhold = false);

internal enum ClaimVerdict : byte
{
    /// <summary>Send what is pending; held tokens come back too, for somebody has to decide about them.</summary>
    Go,
    /// <summary>Nothing is pending or held.</summary>
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

namespace PushFanout.Worker.Ledger;

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

/// <param name="Size">Tokens in the range: how many there were that might have fitted by chance.</param>
/// <param name="Fitting">The positions that fit, in order.</param>
internal sealed record RangeReceipts(int Size, IReadOnlyList<TokenReceipt> Fitting);

/// <summary>Where a token may stand in a range.</summary>
/// <param name="Claim">The batch it is in, while that is being sent or waits for its next attempt; null before and after.</param>
internal readonly record struct TokenReceipt(int Position, OutcomeByte Outcome, BatchStanding? Claim);

/// <param name="Index">Number of the batch in its range.</param>
/// <param name="Attempt">The newest attempt known, from 0.</param>
/// <param name="Sending">Whether a worker holds it now.</param>
internal sealed record BatchStanding(int Index, int Attempt, bool Sending);

namespace PushFanout.Worker.Ledger;

/// <summary>The claims of one notification's batches: who may send which, and which messages are out of date.</summary>
internal sealed class BatchClaims(LedgerLimits limits)
{
    private readonly Dictionary<(int Range, int Index), BatchRecord> _batches = [];

    public bool IsStale(ClaimRequest claim) => Find(claim) is { } known && claim.Attempt < known.Attempt;

    public bool IsBusy(ClaimRequest claim, DateTimeOffset now) =>
        Find(claim) is { } known && known.IsLeased(now) && known.Owner != claim.Owner;

    public bool IsPoison(ClaimRequest claim, DateTimeOffset now) => IdleClaimsWith(claim, now) > limits.IdleClaims;

    /// <summary>The end of the lease.</summary>
    public DateTimeOffset Take(ClaimRequest claim, bool isIdle, DateTimeOffset now)
    {
        var known = Find(claim);
        var batch = known ?? new BatchRecord(claim.Batch.Generation, claim.Offset, claim.Count);
        batch.IdleClaims = isIdle ? IdleClaimsWith(claim, now) : batch.IdleClaims;
        batch.Attempt = claim.Attempt;
        batch.Lease(claim.Owner, now + claim.Lease.WholeMilliseconds());
        _batches[Place(claim.Batch)] = batch;
        return batch.LeaseUntil;
    }

    /// <summary>Whether the lease was still the segment's; if so it is renewed.</summary>
    public bool Renew(SettleSegment segment, bool hasNews, DateTimeOffset now)
    {
        if (Find(segment.Batch) is not { } batch)
        {
            return false;
        }
        batch.IdleClaims = hasNews ? 0 : batch.IdleClaims;
        if (segment.Owner == 0 || batch.Owner != segment.Owner)
        {
            return false;
        }
        batch.Lease(segment.Owner, now + segment.Lease.WholeMilliseconds());
        return true;
    }

    public void DropIfSettled(BatchKey key, RangeRecord range)
    {
        if (Find(key) is { } batch && !range.HasOpen(batch.Offset, batch.Count))
        {
            _batches.Remove(Place(key));
        }
    }

    public void Advance(BatchKey key, int nextAttempt)
    {
        if (Find(key) is { } batch)
        {
            batch.Attempt = Math.Max(batch.Attempt, nextAttempt);
            batch.Release();
        }
    }

    public void HandBack(BatchKey key, ulong owner)
    {
        if (Find(key) is { } batch && batch.Owner == owner)
        {
            batch.Release();
        }
    }

    /// <summary>The claim that a position of a range belongs to; when the range was cut twice, the one that got further.</summary>
    public BatchStanding? FindStanding(int range, int generation, int position, DateTimeOffset now) => _batches
        .Where(entry => entry.Key.Range == range && entry.Value.Generation == generation && entry.Value.Covers(position))
        .OrderByDescending(entry => entry.Value.Attempt).ThenBy(entry => entry.Key.Index)
        .Select(entry => new BatchStanding(entry.Key.Index, entry.Value.Attempt, entry.Value.IsLeased(now)))
        .FirstOrDefault();

    public void Clear() => _batches.Clear();

    /// <summary>Asking again under one's own lease is the same claim.</summary>
    private int IdleClaimsWith(ClaimRequest claim, DateTimeOffset now) =>
        Find(claim) is { } known ? known.IdleClaims + (known.IsLeased(now) ? 0 : 1) : 1;

    private BatchRecord? Find(ClaimRequest claim) => Find(claim.Batch) is { } batch && batch.IsCutAs(claim) ? batch : null;

    private BatchRecord? Find(BatchKey key) =>
        _batches.TryGetValue(Place(key), out var batch) && batch.Generation == key.Generation ? batch : null;

    private static (int Range, int Index) Place(BatchKey key) => (key.Range, key.Index);
}

namespace PushFanout.Worker.Ledger;

/// <summary>Who is sending a batch, kept from its first claim until it is settled.</summary>
internal sealed class BatchRecord(int generation, int offset, int count)
{
    public int Offset => offset;

    public int Count => count;

    public int Generation => generation;

    /// <summary>The newest attempt known; messages with an older one are stale.</summary>
    public int Attempt { get; set; }

    /// <summary>Zero when nobody.</summary>
    public ulong Owner { get; private set; }

    public DateTimeOffset LeaseUntil { get; private set; }

    /// <summary>Claims in a row that brought no outcome and were not given back.</summary>
    public int IdleClaims { get; set; }

    public bool IsLeased(DateTimeOffset now) => Owner != 0 && LeaseUntil > now;

    /// <summary>Two ways of cutting a range into batches (the batch size was changed in between) share no history.</summary>
    public bool IsCutAs(ClaimRequest claim) =>
        claim.Batch.Generation == generation && claim.Offset == offset && claim.Count == count;

    public bool Covers(int position) => position >= offset && position < offset + count;

    public void Lease(ulong owner, DateTimeOffset until)
    {
        Owner = owner;
        LeaseUntil = until;
    }

    /// <summary>Nobody sends it any more; the claim ended in order, so it was not idle.</summary>
    public void Release()
    {
        if (Owner != 0)
        {
            Owner = 0;
            LeaseUntil = default;
            IdleClaims = Math.Max(0, IdleClaims - 1);
        }
    }
}

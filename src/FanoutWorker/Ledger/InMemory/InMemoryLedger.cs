namespace PushFanout.Worker.Ledger;

/// <summary>
/// The ledger of the demo: one process, nothing survives it. It keeps a bounded number of ended notifications, and drops what
/// is past its time when it is next looked at.
/// </summary>
internal sealed class InMemoryLedger(TimeProvider time, LedgerLimits? limits = null) : INotificationLedger
{
    private readonly Lock _lock = new();
    private readonly LedgerLimits _limits = limits ?? LedgerLimits.Default;
    private readonly Dictionary<Guid, NotificationRecord> _records = [];
    private readonly RememberedControls _remembered = new(limits ?? LedgerLimits.Default);
    private readonly Queue<(Guid Id, NotificationRecord Record)> _ended = new();

    private DateTimeOffset Now => time.GetUtcNow().WholeMilliseconds();

    public Task<CreateResult> CreateAsync(NewNotification notification, CancellationToken cancellationToken) => Locked(now =>
    {
        if (Find(notification.Id, now) is { } known && !(known.DedupeUntil <= now))
        {
            return known.CreateAgain(notification, now);
        }
        var control = _remembered.Take(notification.Id, now) ?? new ControlState();
        var created = _records[notification.Id] = new NotificationRecord(notification, control, _limits, now);
        return created.Created(now);
    });

    public Task<SnapResult> SnapAsync(Guid id, int range, RangeContent content, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now)?.Snap(range, content, now) ?? new SnapResult(SnapVerdict.Lost, StateWithout(id, now), 0, default, now));

    public Task<LedgerProgress> ExpandedAsync(Guid id, int range, int generation, ulong digest64, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now)?.Expanded(range, generation, digest64, now) ?? ProgressWithout(id, now));

    public Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken) => Locked(now =>
        Find(claim.Batch.Notification, now)?.Claim(claim, now)
        ?? new ClaimResult(ClaimVerdict.Lost, ProgressWithout(claim.Batch.Notification, now), default, default));

    public Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now)?.Settle(segments, now) ?? new SettleResult(ProgressWithout(id, now), new bool[segments.Count]) { Lost = true });

    public Task AdvanceAsync(BatchKey batch, int nextAttempt, CancellationToken cancellationToken) => Locked(now =>
    {
        Find(batch.Notification, now)?.Advance(batch, nextAttempt);
        return true;
    });

    public Task HandBackAsync(BatchKey batch, ulong owner, CancellationToken cancellationToken) => Locked(now =>
    {
        Find(batch.Notification, now)?.HandBack(batch, owner);
        return true;
    });

    public Task<NotificationTotals?> FinishAsync(Guid id, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now)?.Finish(now));

    public Task CloseAsync(Guid id, TimeSpan dedupeWindow, TimeSpan receiptRetention, CancellationToken cancellationToken) => Locked(now =>
    {
        if (Find(id, now) is { } record && record.Close(dedupeWindow, receiptRetention, now))
        {
            _ended.Enqueue((id, record));
            ForgetOldest();
        }
        return true;
    });

    public Task<ControlResult> ControlAsync(Guid id, ControlAction action, DateTimeOffset at, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now)?.Control(action, at.WholeMicroseconds()) ?? _remembered.Apply(id, action, at.WholeMicroseconds(), now));

    public Task<StoredNotification?> ReadAsync(Guid id, CancellationToken cancellationToken) => Locked(now => Find(id, now)?.Read(now));

    public Task TickedAsync(Guid id, int number, CancellationToken cancellationToken) => Locked(now =>
    {
        Find(id, now)?.Tick(number);
        return true;
    });

    public Task<bool> IsTakenByOtherContentAsync(Guid id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) => Locked(now =>
        Find(id, now) is { } known && !(known.DedupeUntil <= now) && !known.Is(digest));

    public Task<NotificationStatus?> ReadStatusAsync(Guid id, CancellationToken cancellationToken) => Locked(now => Find(id, now)?.Status());

    public Task<IReadOnlyList<NotificationStatus>> ListAsync(int limit, DateTimeOffset? before, CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<NotificationStatus>>(now =>
        {
            var newest = _records.Values
                .Where(record => !(record.GoneAt <= now) && (before is null || record.RequestedAt < before.Value.WholeMicroseconds()))
                .OrderByDescending(record => record.RequestedAt).ToList();
            return [.. newest.TakeWhile((record, i) => i < limit || record.RequestedAt == newest[limit - 1].RequestedAt).Select(record => record.Status())];
        });

    public Task<IReadOnlyList<NotificationStatus>> ListRunningAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<NotificationStatus>>(now =>
        [
            .. _records.Values.Where(record => !record.IsShortWay).Select(record => record.Status())
                .Where(status => status.State != NotificationState.Done).OrderBy(status => status.Totals.RequestedAt).Take(_limits.Running),
        ]);

    public Task<RangeReceipts?> FindReceiptsAsync(Guid id, int range, uint receiptHash, CancellationToken cancellationToken) =>
        Locked(now => Find(id, now)?.FindReceipts(range, receiptHash, now));

    /// <summary>As after a crash of Redis that took one key along; for tests.</summary>
    public void LoseSnapshot(Guid id, int range)
    {
        lock (_lock)
        {
            _records.GetValueOrDefault(id)?.LoseSnapshot(range);
        }
    }

    /// <summary>As after a Redis that came back empty; for tests.</summary>
    public void Lose(Guid id)
    {
        lock (_lock)
        {
            _records.Remove(id);
            _remembered.Take(id, Now);
        }
    }

    private Task<T> Locked<T>(Func<DateTimeOffset, T> act)
    {
        lock (_lock)
        {
            return Task.FromResult(act(Now));
        }
    }

    private NotificationRecord? Find(Guid id, DateTimeOffset now)
    {
        if (!_records.TryGetValue(id, out var record) || !(record.GoneAt <= now))
        {
            return record;
        }
        _records.Remove(id);
        return null;
    }

    private NotificationState StateWithout(Guid id, DateTimeOffset now) =>
        _remembered.Find(id, now)?.State ?? NotificationState.Running;

    private LedgerProgress ProgressWithout(Guid id, DateTimeOffset now) => new(StateWithout(id, now), Complete: false, ReleaseRange: -1, now);

    private void ForgetOldest()
    {
        while (_ended.Count > _limits.Listed)
        {
            var (id, record) = _ended.Dequeue();
            if (_records.GetValueOrDefault(id) == record)
            {
                _records.Remove(id);
            }
        }
    }
}

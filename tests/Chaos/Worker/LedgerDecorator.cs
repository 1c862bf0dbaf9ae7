using PushFanout.Worker.Ledger;

namespace PushFanout.Chaos.Worker;

/// <summary>A ledger that hands every call on; who derives from it changes some.</summary>
internal abstract class LedgerDecorator(INotificationLedger ledger) : INotificationLedger
{
    public virtual Task<CreateResult> CreateAsync(NewNotification notification, CancellationToken cancellationToken) => ledger.CreateAsync(notification, cancellationToken);

    public virtual Task<SnapResult> SnapAsync(Guid id, int range, RangeContent content, CancellationToken cancellationToken) =>
        ledger.SnapAsync(id, range, content, cancellationToken);

    public virtual Task<LedgerProgress> ExpandedAsync(Guid id, int range, int generation, ulong digest64, CancellationToken cancellationToken) =>
        ledger.ExpandedAsync(id, range, generation, digest64, cancellationToken);

    public virtual Task<ClaimResult> ClaimAsync(ClaimRequest claim, CancellationToken cancellationToken) => ledger.ClaimAsync(claim, cancellationToken);

    public virtual Task<SettleResult> SettleAsync(Guid id, IReadOnlyList<SettleSegment> segments, CancellationToken cancellationToken) =>
        ledger.SettleAsync(id, segments, cancellationToken);

    public virtual Task AdvanceAsync(BatchKey batch, int nextAttempt, CancellationToken cancellationToken) => ledger.AdvanceAsync(batch, nextAttempt, cancellationToken);

    public Task HandBackAsync(BatchKey batch, ulong owner, CancellationToken cancellationToken) => ledger.HandBackAsync(batch, owner, cancellationToken);

    public virtual Task<NotificationTotals?> FinishAsync(Guid id, CancellationToken cancellationToken) => ledger.FinishAsync(id, cancellationToken);

    public virtual Task CloseAsync(Guid id, TimeSpan dedupeWindow, TimeSpan receiptRetention, CancellationToken cancellationToken) =>
        ledger.CloseAsync(id, dedupeWindow, receiptRetention, cancellationToken);

    public Task<ControlResult> ControlAsync(Guid id, ControlAction action, DateTimeOffset at, CancellationToken cancellationToken) =>
        ledger.ControlAsync(id, action, at, cancellationToken);

    public Task<StoredNotification?> ReadAsync(Guid id, CancellationToken cancellationToken) => ledger.ReadAsync(id, cancellationToken);

    public Task TickedAsync(Guid id, int number, CancellationToken cancellationToken) => ledger.TickedAsync(id, number, cancellationToken);

    public Task<bool> IsTakenByOtherContentAsync(Guid id, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
        ledger.IsTakenByOtherContentAsync(id, digest, cancellationToken);

    public Task<NotificationStatus?> ReadStatusAsync(Guid id, CancellationToken cancellationToken) => ledger.ReadStatusAsync(id, cancellationToken);

    public Task<IReadOnlyList<NotificationStatus>> ListAsync(int limit, DateTimeOffset? before, CancellationToken cancellationToken) =>
        ledger.ListAsync(limit, before, cancellationToken);

    public Task<IReadOnlyList<NotificationStatus>> ListRunningAsync(CancellationToken cancellationToken) => ledger.ListRunningAsync(cancellationToken);

    public Task<RangeReceipts?> FindReceiptsAsync(Guid id, int range, uint receiptHash, CancellationToken cancellationToken) =>
        ledger.FindReceiptsAsync(id, range, receiptHash, cancellationToken);
}

using PushFanout.Worker.Dispatch;

namespace PushFanout.Worker.Tests.Dispatch.Rates;

public sealed class WaitingLineTests
{
    private static readonly Guid Broadcast = Guid.NewGuid();
    private static readonly Guid Other = Guid.NewGuid();

    [Fact]
    public void A_notification_with_many_batches_has_one_turn_and_so_has_one_with_a_single_batch()
    {
        var line = new WaitingLine();
        var broadcast = Enumerable.Range(0, 3).Select(_ => Batch()).ToList();
        var other = Batch();
        broadcast.ForEach(batch => line.Add(Broadcast, batch));
        line.Add(Other, other);

        Assert.Equal([broadcast[0], other, broadcast[1], broadcast[2], null], Enumerable.Range(0, 5).Select(_ => line.Next()));
    }

    [Fact]
    public void A_newcomer_knows_how_many_are_served_before_it()
    {
        var line = new WaitingLine();
        Assert.Equal(1, line.TurnsUntilServed(Broadcast));
        line.Add(Broadcast, Batch());
        line.Add(Broadcast, Batch());
        Assert.Equal(3, line.TurnsUntilServed(Broadcast));
        Assert.Equal(2, line.TurnsUntilServed(Other));
    }

    [Fact]
    public async Task Who_has_waited_long_enough_goes_without_permits()
    {
        var line = new WaitingLine();
        var (hasty, patient) = (Batch(until: 1), Batch(until: 2));
        line.Add(Broadcast, hasty);
        line.Add(Other, patient);
        line.Dismiss(TimeSpan.FromSeconds(1));

        Assert.Equal(0, await hasty.GrantedAsync(default));
        Assert.Equal((7, patient, true), (line.Wanted, line.Next(), line.IsEmpty));
    }

    [Fact]
    public async Task Who_was_cancelled_takes_no_permits_from_others()
    {
        var batch = Batch();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await batch.GrantedAsync(new CancellationToken(canceled: true)));
        Assert.False(batch.TryGrant(5));
    }

    private static WaitingBatch Batch(int until = 60) => new(wanted: 7, TimeSpan.FromSeconds(until));
}

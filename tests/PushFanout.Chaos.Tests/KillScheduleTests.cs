using PushFanout.Chaos.Kills;
using PushFanout.Chaos.Worker;

namespace PushFanout.Chaos.Tests;

public sealed class KillScheduleTests
{
    [Fact]
    public void A_seed_repeats_its_kills_and_another_has_others()
    {
        Assert.Equal(KillSchedule.Of(7, 50), KillSchedule.Of(7, 50));
        Assert.NotEqual(KillSchedule.Of(7, 50), KillSchedule.Of(8, 50));
    }

    [Fact]
    public void Fifty_kills_hit_every_stage_three_times_or_more()
    {
        var kills = KillSchedule.Of(7, 50).CountBy(order => order.Stage).ToDictionary();
        Assert.All(KillStages.All, stage => Assert.InRange(kills[stage], 3, 4));
    }

    [Fact]
    public void An_order_survives_the_way_to_the_worker()
    {
        var orders = KillSchedule.Of(7, 50);
        Assert.Equal(orders, orders.Select(order => KillOrder.Read(order.ToString())));
        Assert.Null(KillOrder.Read(null));
        Assert.Throws<FormatException>(() => KillOrder.Read("nowhere:1"));
    }
}

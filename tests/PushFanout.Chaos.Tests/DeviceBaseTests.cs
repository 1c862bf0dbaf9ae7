using PushFanout.Chaos.Devices;

namespace PushFanout.Chaos.Tests;

public sealed class DeviceBaseTests
{
    /// <summary>A group of mostly dead devices would open the brake, and the run would stand still for a reason of its own.</summary>
    [Theory]
    [InlineData(2_000, 2)]
    [InlineData(100_000, 4)]
    [InlineData(1_000_000, 40)]
    public void Every_group_has_a_few_dead_devices_and_not_more(int count, int groups)
    {
        var devices = new DeviceBase(7, count, groups, DeviceMix.WithSuspects);
        var deadByGroup = Enumerable.Range(0, count).Where(device => devices.Kind(device) != DeviceKind.Alive).CountBy(device => device % groups).ToDictionary();
        Assert.All(Enumerable.Range(0, groups), group => Assert.InRange(deadByGroup.GetValueOrDefault(group), 1, count / groups * 3 / 100));
    }

    [Fact]
    public void Every_kind_occurs()
    {
        var devices = new DeviceBase(7, 100_000, 4, DeviceMix.WithSuspects);
        Assert.All(Enum.GetValues<DeviceKind>(), kind => Assert.NotEmpty(devices.Of(kind)));
    }
}

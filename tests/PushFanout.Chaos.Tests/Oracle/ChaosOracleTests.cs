using System.Text.Json;
using PushFanout.Apns;
using PushFanout.ApnsSimulator;
using PushFanout.Chaos.Devices;
using PushFanout.Chaos.Installation;
using PushFanout.Chaos.Oracle;
using PushFanout.Contracts;

namespace PushFanout.Chaos.Tests.Oracle;

/// <summary>What the oracle calls a broken promise, on evidence made by hand.</summary>
public sealed class ChaosOracleTests
{
    private static readonly DeviceBase Devices = new(seed: 3, count: 2_000, groups: 1, DeviceMix.WithSuspects);
    private static readonly ChaosSend Send = new(Guid.NewGuid(), DeviceBase.GroupName(0), Devices.Group(0), IsPlanned: true);

    private readonly List<AcceptedPush> _accepted = [.. Of(DeviceKind.Alive).Select(device => Push(Send.Id, device))];
    private readonly List<RefusedPush> _refused =
    [
        .. Of(DeviceKind.Gone).Concat(Of(DeviceKind.RegisteredAgain)).Select(device => new RefusedPush(Push(Send.Id, device).ApnsId, "Unregistered")),
        .. Of(DeviceKind.Suspect).Select(device => new RefusedPush(Push(Send.Id, device).ApnsId, "BadDeviceToken")),
    ];
    private readonly List<Completion> _heard = [End()];
    private readonly HashSet<string> _registered = [.. Enumerable.Range(0, Devices.Count).Where(device => Devices.Kind(device) != DeviceKind.Gone).Select(Text)];

    [Fact]
    public void A_run_in_which_everything_happened_once_keeps_every_promise()
    {
        var judgement = Judge();
        Assert.Empty(judgement.Broken);
        Assert.True(judgement is { Balanced: true, Exact: true, Lost: 0, Duplicates: 0 });
        Assert.All(Enum.GetValues<DeviceKind>(), kind => Assert.NotEmpty(Of(kind)));
    }

    [Fact]
    public void A_device_that_nobody_pushed_to_is_lost()
    {
        _accepted.RemoveAt(5);
        Assert.Equal(1, Judge().Lost);
        Assert.Contains("1 devices were lost", Judge().Broken);
    }

    [Fact]
    public void A_device_with_a_410_that_nobody_pushed_to_is_lost_too()
    {
        _refused.RemoveAt(0);
        Assert.Equal(1, Judge().Lost);
    }

    [Fact]
    public void A_push_accepted_again_is_a_duplicate_unless_that_many_may_be()
    {
        _accepted.Add(_accepted[0]);
        Assert.Equal(1, Judge().Duplicates);
        Assert.NotEmpty(Judge().Broken);
        Assert.Empty(Judge(new Allowance { Duplicates = 1 }).Broken);
    }

    [Fact]
    public void A_push_again_under_another_id_is_a_stranger()
    {
        _accepted.Add(_accepted[0] with { ApnsId = Guid.NewGuid() });
        Assert.Contains(Judge(new Allowance { Duplicates = 10 }).Broken, broken => broken.Contains("belong to no token", StringComparison.Ordinal));
    }

    [Fact]
    public void A_send_whose_end_was_never_told_breaks_a_promise()
    {
        _heard.Clear();
        var judgement = Judge();
        Assert.False(judgement.Balanced);
        Assert.Contains(judgement.Broken, broken => broken.Contains("never told", StringComparison.Ordinal));
    }

    [Fact]
    public void An_end_told_twice_is_one_end_when_it_is_the_same_message()
    {
        _heard.Add(_heard[0]);
        Assert.Empty(Judge().Broken);
        _heard.Add(_heard[0] with { MessageId = "another" });
        Assert.Contains(Judge().Broken, broken => broken.Contains("told twice", StringComparison.Ordinal));
    }

    [Fact]
    public void Books_that_say_something_else_than_the_simulator_break_a_promise()
    {
        _heard[0] = End(accepted: Of(DeviceKind.Alive).Count() - 1, undeliverable: 1);
        var judgement = Judge();
        Assert.Equal(1, judgement.Undeliverable);
        Assert.Contains(judgement.Broken, broken => broken.Contains("the books say", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(DeviceKind.Suspect))]
    [InlineData(nameof(DeviceKind.RegisteredAgain))]
    [InlineData(nameof(DeviceKind.Alive))]
    public void A_device_removed_without_a_410_of_its_registration_breaks_a_promise(string kind)
    {
        _registered.Remove(Text(Of(Enum.Parse<DeviceKind>(kind)).First()));
        Assert.Contains(Judge().Broken, broken => broken.Contains("had no 410", StringComparison.Ordinal));
    }

    [Fact]
    public void A_device_with_a_410_that_is_still_there_breaks_a_promise()
    {
        _registered.Add(Text(Of(DeviceKind.Gone).First()));
        Assert.Contains(Judge().Broken, broken => broken.Contains("were not removed", StringComparison.Ordinal));
    }

    private Judgement Judge(Allowance? allowance = null) => ChaosOracle.Judge(
        new Evidence
        {
            Devices = Devices,
            Sends = [Send],
            Heard = _heard,
            Accepted = _accepted,
            Refused = _refused,
            AcceptedByCollapseId = new Dictionary<string, long> { [Send.CollapseId] = _accepted.Count },
            Simulator = new SimulatorState(_accepted.Count, _accepted.Count + _refused.Count, 0, 0, 1, 0),
            Registered = _registered,
            Parked = 0,
        },
        allowance ?? new Allowance());

    private static IEnumerable<int> Of(DeviceKind kind) => Devices.Of(kind);

    private static string Text(int device) => Convert.ToHexStringLower(Devices.Token(device));

    private static AcceptedPush Push(Guid notification, int device)
    {
        var token = Devices.Token(device);
        return new AcceptedPush(DeviceTokenHash.Of(token), ApnsId.For(notification, token));
    }

    private static Completion End(int? accepted = null, int undeliverable = 0) => new("end", Exchanges.NotificationCompleted, JsonSerializer.SerializeToElement(new
    {
        notificationId = Send.Id,
        audience = Send.Devices.Count,
        outcomes = new
        {
            accepted = accepted ?? Of(DeviceKind.Alive).Count(),
            unregistered = Of(DeviceKind.Gone).Count() + Of(DeviceKind.RegisteredAgain).Count(),
            rejected = Of(DeviceKind.Suspect).Count(),
            expired = 0,
            cancelled = 0,
            undeliverable,
        },
        ambiguous = 0,
        exact = true,
        state = "completed",
    }));
}

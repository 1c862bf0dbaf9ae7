using PushFanout.Apns;
using PushFanout.TokenCache;
using PushFanout.TokenCache.InMemory;
using PushFanout.Worker.Explain;
using PushFanout.Worker.Hosting;
using PushFanout.Worker.Intake;
using PushFanout.Worker.Ledger;
using PushFanout.Worker.Tests.Ledger;
using static PushFanout.Worker.Tests.Ledger.Sends;

namespace PushFanout.Worker.Tests.Explain;

public sealed class ExplainerTests : IAsyncLifetime
{
    private const string App = "shop-ios";
    private const int Shards = 16;

    private readonly ManualClock _clock = new();
    private readonly InMemoryLedger _ledger;
    private readonly InMemoryTokenCache _devices;
    private readonly Explainer _explainer;

    public ExplainerTests()
    {
        _ledger = new InMemoryLedger(_clock);
        _devices = new InMemoryTokenCache(_clock);
        var apps = new AppCatalog();
        apps.Replace(new Dictionary<string, ServedApp> { [App] = new(App, new AppOptions { Shards = Shards }, null!, "") }, new Dictionary<string, ServedApp>());
        _explainer = new Explainer(_ledger, _devices, apps, new PushFanoutOptions());
    }

    public Task InitializeAsync() => _devices.OpenAppAsync(App, Shards, default);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData((int)Outcome.Accepted, (int)OutcomeReason.None, "APNs accepted it")]
    [InlineData((int)Outcome.Unregistered, (int)OutcomeReason.Unregistered, "no longer on the device")]
    [InlineData((int)Outcome.Rejected, (int)OutcomeReason.BadDeviceToken, "of the other environment")]
    [InlineData((int)Outcome.Undeliverable, (int)OutcomeReason.NoAnswer, "may have got it")]
    [InlineData((int)Outcome.Expired, (int)OutcomeReason.Deadline, "deadline had passed")]
    [InlineData((int)Outcome.Cancelled, (int)OutcomeReason.None, "was cancelled")]
    [InlineData((int)Outcome.Held, (int)OutcomeReason.BadDeviceToken, "held")]
    public async Task The_outcome_of_a_device_is_told_with_its_reason_and_apns_id(int outcome, int reason, string text)
    {
        var send = await ShortAsync(tokens: 3);
        await SettleAsync(send, 1, (Outcome)outcome, (OutcomeReason)reason);

        var device = await ExplainTokenAsync(send.Id, Token(1));

        Assert.Equal(
            (ExplainVerdict.Outcome, (Outcome)outcome, reason == 0 ? null : (OutcomeReason?)reason), (device.Verdict, device.Outcome!.Value, device.Reason));
        Assert.Contains(text, device.Text, StringComparison.Ordinal);
        Assert.Equal(ApnsId.For(send.Id, Token(1)), device.ApnsId);
        Assert.Equal((0, 0, 1), (device.Receipts[0].Range, device.Receipts[0].Batch, device.Receipts[0].Position));
        Assert.Equal(3 / Math.Pow(2, 32), device.ChanceOfCoincidence);
    }

    [Theory]
    [InlineData((int)ControlAction.Resume, "Not sent yet, or sent and not answered")]
    [InlineData((int)ControlAction.Pause, "the notification is paused")]
    [InlineData((int)ControlAction.Cancel, "it will not be")]
    public async Task What_is_pending_is_told_with_what_it_waits_for_and_its_attempts(int control, string text)
    {
        var send = await ShortAsync(tokens: 3);
        await _ledger.ClaimAsync(Claim(send.Id, send.ShortWay!.Value, 0, 3, attempt: 2));
        await _ledger.ControlAsync(send.Id, (ControlAction)control, RequestedAt.AddSeconds(1), default);

        var device = await ExplainTokenAsync(send.Id, Token(2));

        Assert.Equal((ExplainVerdict.Outcome, (Outcome?)Outcome.Pending), (device.Verdict, device.Outcome));
        Assert.Contains(text, device.Text, StringComparison.Ordinal);
        Assert.Equal((3, true), (device.Receipts[0].Attempts!.Value, device.Receipts[0].Sending));
    }

    [Fact]
    public async Task On_the_planned_way_only_the_range_of_the_device_is_asked_and_one_that_is_not_read_yet_is_said_so()
    {
        var send = Planned(ranges: 2) with { RangeEnds = RangePlan.EndsOf(Shards, 2) };
        await _ledger.CreateAsync(send, default);
        var (inFirst, inSecond) = (InRange(0), InRange(1));
        // The first range holds, by chance, what the second range's device would look like: nobody may be told that.
        await _ledger.DeliverAsync(send.Id, 0, Content(Enumerable.Range(0, 50).Where(number => RangeOf(number) == 0).Append(inSecond)));

        Assert.Equal(ExplainVerdict.Outcome, (await ExplainTokenAsync(send.Id, Token(inFirst))).Verdict);
        Assert.Equal(ExplainVerdict.NotReadYet, (await ExplainTokenAsync(send.Id, Token(inSecond))).Verdict);

        await _ledger.DeliverAsync(send.Id, 1, Content([.. Enumerable.Range(0, 50).Where(number => RangeOf(number) == 1 && number != inSecond)]));
        await _ledger.FinishAsync(send.Id, default);
        await _ledger.CloseAsync(send.Id, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        Assert.Equal(ExplainVerdict.Outcome, (await ExplainTokenAsync(send.Id, Token(inFirst))).Verdict);
        Assert.Equal(ExplainVerdict.NotInAudience, (await ExplainTokenAsync(send.Id, Token(inSecond))).Verdict);

        int InRange(int range) => Enumerable.Range(0, 50).First(number => RangeOf(number) == range);
        static int RangeOf(int number) => RangePlan.RangeOf(TokenHash.Shard(Token(number), Shards), Shards, 2);
    }

    [Fact]
    public async Task Devices_that_share_four_bytes_of_hash_are_never_told_one_outcome_as_certain_unless_both_have_it()
    {
        var (one, other) = TwoOfTheSameHash();
        var send = Short(0) with { ShortWay = Content([one, other, 0]) };
        await _ledger.CreateAsync(send, default);
        await SettleAsync(send, 0, Outcome.Accepted);
        await SettleAsync(send, 1, Outcome.Expired, OutcomeReason.Deadline);

        var device = await ExplainTokenAsync(send.Id, Token(one));
        Assert.Equal((ExplainVerdict.OneOfSeveral, null, null), (device.Verdict, device.Outcome, device.Reason));
        Assert.Equal([Outcome.Accepted, Outcome.Expired], device.Receipts.Select(receipt => receipt.Outcome));
        Assert.Contains("2 receipts fit", device.Text, StringComparison.Ordinal);

        await SettleAsync(send, 1, Outcome.Accepted);
        device = await ExplainTokenAsync(send.Id, Token(other));
        Assert.Equal((ExplainVerdict.Outcome, Outcome.Accepted, 2), (device.Verdict, device.Outcome!.Value, device.Receipts.Count));
    }

    [Fact]
    public async Task Who_was_never_in_the_audience_hears_so_and_what_is_known_of_the_device()
    {
        var send = await ShortAsync(tokens: 3);
        var unknown = await ExplainTokenAsync(send.Id, Token(7));
        Assert.Equal((ExplainVerdict.NotInAudience, null, null), (unknown.Verdict, unknown.ApnsId, unknown.RegisteredAt));
        Assert.Contains("not registered now", unknown.Text, StringComparison.Ordinal);

        _clock.Now = RequestedAt.AddMinutes(1).WholeMilliseconds();
        await _devices.RegisterAsync(App, new DeviceRegistration(Token(7), _clock.Now, "phone", "ann", ["news"]), default);
        var known = Assert.Single((await ExplainAsync(send.Id, DeviceSelector.ByDeviceId("phone"))).Devices);
        Assert.Equal((ExplainVerdict.NotInAudience, "phone", "ann", _clock.Now), (known.Verdict, known.DeviceId, known.UserId, known.RegisteredAt));
        Assert.Equal(["news"], known.Audiences);
        Assert.Contains("after the request", known.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_devices_of_a_user_are_told_and_a_user_or_device_without_any_is_said_so()
    {
        var send = await ShortAsync(tokens: 2);
        await SettleAsync(send, 0, Outcome.Accepted);
        await SettleAsync(send, 1, Outcome.Expired);
        foreach (var number in new[] { 0, 1, 9 })
        {
            await _devices.RegisterAsync(App, new DeviceRegistration(Token(number), _clock.Now, $"phone-{number}", "ann"), default);
        }

        var found = await ExplainAsync(send.Id, DeviceSelector.ByUser("ann"));
        Assert.Equal(
            ["phone-0 Accepted", "phone-1 Expired", "phone-9 "], found.Devices.Select(device => $"{device.DeviceId} {device.Outcome}").Order(StringComparer.Ordinal));
        Assert.StartsWith("1 of 3 devices", found.Text, StringComparison.Ordinal);

        Assert.Equal(DeviceFinding.UserHasNoDevices, (await ExplainAsync(send.Id, DeviceSelector.ByUser("bob"))).Found);
        Assert.Equal(DeviceFinding.NoSuchDevice, (await ExplainAsync(send.Id, DeviceSelector.ByDeviceId("tablet"))).Found);
    }

    [Fact]
    public async Task A_user_of_very_many_devices_costs_a_bounded_number_of_searches()
    {
        var send = await ShortAsync(tokens: 1);
        for (var number = 0; number < Explainer.MostDevices + 5; number++)
        {
            await _devices.RegisterAsync(App, new DeviceRegistration(Token(number), _clock.Now, UserId: "farm"), default);
        }
        var found = await ExplainAsync(send.Id, DeviceSelector.ByUser("farm"));
        Assert.Equal((Explainer.MostDevices, 5), (found.Devices.Count, found.MoreDevices));
    }

    [Fact]
    public async Task When_receipts_are_gone_nobody_is_told_that_a_device_was_not_in_the_audience()
    {
        var send = await ShortAsync(tokens: 1);
        await SettleAsync(send, 0, Outcome.Accepted);
        await _ledger.FinishAsync(send.Id, default);
        await _ledger.CloseAsync(send.Id, TimeSpan.FromDays(7), TimeSpan.FromDays(3), default);
        Assert.Equal(ExplainVerdict.Outcome, (await ExplainTokenAsync(send.Id, Token(0))).Verdict);

        _clock.Now += TimeSpan.FromDays(3);
        var device = await ExplainTokenAsync(send.Id, Token(0));
        Assert.Equal((ExplainVerdict.ReceiptsGone, null), (device.Verdict, device.Outcome));
        Assert.Contains("72 hours", device.Text, StringComparison.Ordinal);
    }

    private async Task<NewNotification> ShortAsync(int tokens)
    {
        var send = Short(tokens);
        await _ledger.CreateAsync(send, default);
        return send;
    }

    private Task SettleAsync(NewNotification send, int position, Outcome outcome, OutcomeReason reason = OutcomeReason.None) => _ledger.SettleAsync(
        Segment(Claim(send.Id, send.ShortWay!.Value, 0, send.ShortWay.Value.Tokens.Count), All(outcome, 1, reason), at: position, owner: 0));

    private async Task<DeviceExplanation> ExplainTokenAsync(Guid id, byte[] token) => Assert.Single((await ExplainAsync(id, DeviceSelector.ByToken(token))).Devices);

    private async Task<Explanation> ExplainAsync(Guid id, DeviceSelector selector)
    {
        var explanation = await _explainer.ExplainAsync((await _ledger.ReadStatusAsync(id, default))!, selector, default);
        Assert.NotEmpty(explanation.Text);
        return explanation;
    }

    private static (int, int) TwoOfTheSameHash()
    {
        var seen = new Dictionary<uint, int>();
        for (var number = 1; ; number++)
        {
            if (!seen.TryAdd(Receipt(number), number))
            {
                return (seen[Receipt(number)], number);
            }
        }
    }
}

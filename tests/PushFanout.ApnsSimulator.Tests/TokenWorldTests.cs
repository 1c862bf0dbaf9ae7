namespace PushFanout.ApnsSimulator.Tests;

public sealed class TokenWorldTests
{
    [Fact]
    public async Task A_scripted_token_is_answered_as_ordered_with_its_timestamp_and_so_many_times()
    {
        await using var apns = await Bed.StartAsync();
        var since = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);
        apns.Simulator.Tokens.Answer(Client.Token(1), 410, "Unregistered", since, times: 2);
        for (var i = 0; i < 2; i++)
        {
            var gone = await apns.SendAsync(apns.Push(Client.Token(1)));
            Assert.Equal((410, "Unregistered", since.ToUnixTimeMilliseconds()), (gone.Status, gone.Reason, gone.Timestamp));
        }
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(2)))).Status);
    }

    [Fact]
    public async Task A_share_picks_the_same_tokens_every_time_and_a_script_overrules_it()
    {
        await using var apns = await Bed.StartAsync(new() { UnregisteredShare = 0.3, BadTokenShare = 0.2, WrongTopicShare = 0.1, ExpiredShare = 0.1 });
        var expected = new Dictionary<string, long>();
        for (var i = 0; i < 200; i++)
        {
            var token = Client.Token(i);
            var reason = apns.Simulator.Tokens.RefusedByShare(token);
            var answer = await apns.SendAsync(apns.Push(token));
            Assert.Equal(reason, answer.Reason);
            Assert.Equal(reason is "Unregistered" or "ExpiredToken", answer.Timestamp is not null);
            expected[reason ?? ""] = expected.GetValueOrDefault(reason ?? "") + 1;
        }
        Assert.Equal(expected.Where(e => e.Key != "").OrderBy(e => e.Key), apns.Simulator.Recorder.ByReason.OrderBy(e => e.Key));
        Assert.Equal(5, expected.Count);
        Assert.InRange(expected["Unregistered"], 40, 80);

        var gone = Enumerable.Range(0, 200).Select(Client.Token).First(token => apns.Simulator.Tokens.RefusedByShare(token) == "Unregistered");
        apns.Simulator.Tokens.Answer(gone, 200);
        Assert.Equal(200, (await apns.SendAsync(apns.Push(gone))).Status);
    }

    [Fact]
    public async Task A_share_keeps_its_promise_over_many_tokens()
    {
        await using var apns = await Bed.StartAsync(new() { UnregisteredShare = 0.02 });
        var gone = Enumerable.Range(0, 100_000).Count(i => apns.Simulator.Tokens.RefusedByShare(Client.Token(i)) is not null);
        Assert.InRange(gone, 1800, 2200);
    }

    [Fact]
    public async Task In_the_wrong_environment_every_token_is_bad()
    {
        await using var apns = await Bed.StartAsync();
        apns.Simulator.Tokens.WrongEnvironment = true;
        Assert.Equal("BadDeviceToken", (await apns.SendAsync(apns.Push(Client.Token(1)))).Reason);
        apns.Simulator.Tokens.WrongEnvironment = false;
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
    }

    [Fact]
    public async Task A_burst_to_one_device_is_throttled_and_to_another_is_not()
    {
        var clock = new SettableClock();
        await using var apns = await Bed.StartAsync(new() { DeviceBurst = 3, TimeProvider = clock });
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
        }
        var throttled = await apns.SendAsync(apns.Push(Client.Token(1)));
        Assert.Equal((429, "TooManyRequests"), (throttled.Status, throttled.Reason));
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(2)))).Status);
        clock.Move(TimeSpan.FromMinutes(2));
        Assert.Equal(200, (await apns.SendAsync(apns.Push(Client.Token(1)))).Status);
    }

    [Fact]
    public void The_hash_of_a_token_is_a_promise()
    {
        Assert.Equal(DeviceTokenHash.Of([0xaa, 0xbb]), DeviceTokenHash.OfHex("AAbb"));
        Assert.Equal(0xefd01f60ba992926UL, DeviceTokenHash.Of([]));
        Assert.Throws<FormatException>(() => DeviceTokenHash.OfHex("abc"));
    }
}

using static PushFanout.TokenCache.Tests.TestDevices;

namespace PushFanout.TokenCache.Tests;

/// <summary>What every token cache promises; each implementation runs all of it.</summary>
public abstract class TokenCacheContract : IAsyncLifetime
{
    private const string App = "shop-ios";
    private const int Shards = 16;

    /// <summary>All moments lie a little in the past, so that arrival is later, except where a test says otherwise.</summary>
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow().AddMinutes(-10);

    protected ITokenCache Cache { get; private set; } = null!;

    /// <summary>Closed after the test.</summary>
    protected IList<IAsyncDisposable> Owned { get; } = [];

    public async Task InitializeAsync()
    {
        Cache = await CreateAsync();
        await Cache.OpenAppAsync(App, Shards, default);
    }

    public async Task DisposeAsync()
    {
        foreach (var owned in Owned)
        {
            await owned.DisposeAsync();
        }
    }

    protected abstract Task<ITokenCache> CreateAsync();

    [Fact]
    public async Task A_registered_device_is_in_its_audiences_and_in_all()
    {
        Assert.Equal(RegistrationResult.Added, await RegisterAsync(Device(1, At(0), "ann", "phone", "news sports")));
        Assert.Equal(Hex(1), await ReadAsync(Audience("all")));
        Assert.Equal(Hex(1), await ReadAsync(Audience("news")));
        Assert.Equal(Hex(1), await ReadAsync(Audience("sports")));
        Assert.Empty(await ReadAsync(Audience("weather")));
        var found = Assert.Single(await Cache.FindDevicesAsync(App, DeviceSelector.ByToken(Token(1)), default));
        Assert.Equal(("ann", "phone", "news,sports"), (found.UserId, found.DeviceId, string.Join(',', found.Audiences)));
        Assert.InRange(found.RegisteredAt, _start.AddMinutes(9), TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task A_list_of_audiences_replaces_and_none_given_leaves()
    {
        await RegisterAsync(Device(1, At(0), audiences: "news sports"));
        Assert.Equal(RegistrationResult.Renewed, await RegisterAsync(Device(1, At(1), audiences: "sports weather")));
        Assert.Empty(await ReadAsync(Audience("news")));
        Assert.Equal(Hex(1), await ReadAsync(Audience("sports", allOf: "weather")));
        await RegisterAsync(Device(1, At(2), user: "ann"));
        Assert.Equal(Hex(1), await ReadAsync(Audience("sports", allOf: "weather")));
        await RegisterAsync(Device(1, At(3), audiences: ""));
        Assert.Equal(0, await Cache.CountAsync(App, Audience("sports weather"), default));
        Assert.Equal(Hex(1), await ReadAsync(Audience("all")));
    }

    [Fact]
    public async Task The_later_registration_wins_whatever_their_order()
    {
        await RegisterAsync(Device(1, At(5), user: "new"));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(4), user: "old", audiences: "news")));
        Assert.Equal("new", Assert.Single(await Cache.FindDevicesAsync(App, DeviceSelector.ByToken(Token(1)), default)).UserId);
        Assert.Empty(await ReadAsync(Audience("news")));
        Assert.Equal(RegistrationResult.Renewed, await RegisterAsync(Device(1, At(5), user: "again")));
    }

    [Fact]
    public async Task A_moment_far_in_the_future_does_not_lock_the_device()
    {
        await RegisterAsync(Device(1, At(0).AddYears(1), user: "wrong clock"));
        var soon = TimeProvider.System.GetUtcNow().AddMinutes(6);
        Assert.Equal(RegistrationResult.Renewed, await RegisterAsync(Device(1, soon, user: "right clock")));
    }

    [Fact]
    public async Task A_late_registration_from_before_the_removal_stays_gone()
    {
        await RegisterAsync(Device(1, At(1), audiences: "news"));
        Assert.Equal(1, await Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(1)), At(3), default));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(2), audiences: "news")));
        Assert.Equal(0, await Cache.CountAsync(App, Audience("all news"), default));
        Assert.Equal(RegistrationResult.Added, await RegisterAsync(Device(1, At(4))));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("device id")]
    [InlineData("user")]
    public async Task A_removal_that_comes_before_its_registration_still_wins(string by)
    {
        var selector = by switch
        {
            "token" => DeviceSelector.ByToken(Token(1)),
            "user" => DeviceSelector.ByUser("ann"),
            _ => DeviceSelector.ByDeviceId("phone"),
        };
        Assert.Equal(0, await Cache.UnregisterAsync(App, selector, At(3), default));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(2), "ann", "phone", "news")));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(3), "ann", "phone", "news")));
        Assert.Equal(0, await Cache.CountAsync(App, Audience("all"), default));
        Assert.Equal(RegistrationResult.Added, await RegisterAsync(Device(1, At(4), "ann", "phone", "news")));
    }

    [Fact]
    public async Task At_the_same_moment_the_removal_wins_in_either_order()
    {
        await RegisterAsync(Device(1, At(1)));
        Assert.Equal(1, await Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(1)), At(1), default));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(1))));
    }

    [Fact]
    public async Task An_older_removal_does_not_touch_a_newer_registration()
    {
        await RegisterAsync(Device(1, At(5), "ann", "phone", "news"));
        Assert.Equal(0, await Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(1)), At(4), default));
        Assert.Equal(0, await Cache.UnregisterAsync(App, DeviceSelector.ByUser("ann"), At(4), default));
        Assert.Equal(0, await Cache.UnregisterAsync(App, DeviceSelector.ByDeviceId("phone"), At(4), default));
        Assert.Equal(Hex(1), await ReadAsync(Audience("news")));
        Assert.Equal(Hex(1), await ReadAsync(Audience(users: "ann")));
    }

    [Fact]
    public async Task A_user_is_unregistered_with_all_devices_and_only_those()
    {
        await RegisterAsync(Device(1, At(1), "ann", audiences: "news"));
        await RegisterAsync(Device(2, At(1), "ann"));
        await RegisterAsync(Device(3, At(1), "bob", audiences: "news"));
        Assert.Equal(2, await Cache.UnregisterAsync(App, DeviceSelector.ByUser("ann"), At(2), default));
        Assert.Equal(Hex(3), await ReadAsync(Audience("all")));
        Assert.Equal(Hex(3), await ReadAsync(Audience("news")));
        Assert.Empty(await Cache.FindDevicesAsync(App, DeviceSelector.ByUser("ann"), default));
    }

    [Fact]
    public async Task Feedback_removes_a_dead_token_once_and_says_whose_it_was()
    {
        await RegisterAsync(Device(1, At(0), "ann", "phone", "news"));
        var since = TimeProvider.System.GetUtcNow().AddMinutes(1);
        var retired = Assert.Single(await Cache.RetireAsync(App, [new DeadToken(Token(1), since, "Unregistered"), new DeadToken(Token(2), since, "Unregistered")], default));
        Assert.Equal(("ann", "phone", "Unregistered", since), (retired.UserId, retired.DeviceId, retired.Reason, retired.Since));
        Assert.Equal(Token(1), retired.Token.ToArray());
        Assert.Equal(0, await Cache.CountAsync(App, Audience("all news"), default));
        Assert.Empty(await Cache.FindDevicesAsync(App, DeviceSelector.ByDeviceId("phone"), default));
        Assert.Empty(await Cache.RetireAsync(App, [new DeadToken(Token(1), since, "Unregistered")], default));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(1, At(9))));
        Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(2, At(9))));
    }

    [Fact]
    public async Task Feedback_replayed_or_reordered_never_removes_a_newer_registration()
    {
        var died = TimeProvider.System.GetUtcNow();
        await RegisterAsync(Device(1, died.AddMinutes(1), "ann", audiences: "news"));
        for (var replay = 0; replay < 3; replay++)
        {
            Assert.Empty(await Cache.RetireAsync(App, [new DeadToken(Token(1), died, "Unregistered")], default));
            Assert.Empty(await Cache.RetireAsync(App, [new DeadToken(Token(1), died.AddSeconds(-replay), "Unregistered")], default));
        }
        Assert.Equal(Hex(1), await ReadAsync(Audience("news")));
    }

    [Fact]
    public async Task A_registration_counts_from_its_arrival_against_feedback()
    {
        await RegisterAsync(Device(1, At(0)));
        Assert.Empty(await Cache.RetireAsync(App, [new DeadToken(Token(1), At(5), "Unregistered")], default));
        Assert.Equal(Hex(1), await ReadAsync(Audience("all")));
    }

    [Fact]
    public async Task A_phone_that_changes_its_user_never_gets_the_former_users_pushes()
    {
        for (var device = 0; device < 20; device++)
        {
            await RegisterAsync(Device(device, At(1), $"former{device}"));
            await RegisterAsync(Device(device, At(2), $"next{device}"));
            Assert.Empty(await ReadAsync(Audience(users: $"former{device}")));
            Assert.Equal(Hex(device), await ReadAsync(Audience(users: $"next{device}")));
            await RegisterAsync(Device(device, At(3), $"former{device}"));
            Assert.Equal(Hex(device), await ReadAsync(Audience(users: $"former{device}")));
            await RegisterAsync(Device(device, At(4)));
            Assert.Empty(await ReadAsync(Audience(users: $"former{device} next{device}")));
        }
    }

    [Fact]
    public async Task A_new_token_of_the_same_device_replaces_the_old_one_in_whatever_order_they_come()
    {
        for (var n = 0; n < 20; n += 2)
        {
            await RegisterAsync(Device(n, At(1), "ann", $"in order {n}", "news"));
            Assert.Equal(RegistrationResult.Added, await RegisterAsync(Device(n + 1, At(2), "ann", $"in order {n}", "news")));
            Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(n, At(1), "ann", $"in order {n}", "news")));
        }
        for (var n = 20; n < 40; n += 2)
        {
            await RegisterAsync(Device(n + 1, At(2), "ann", $"reversed {n}", "news"));
            Assert.Equal(RegistrationResult.Stale, await RegisterAsync(Device(n, At(1), "ann", $"reversed {n}", "news")));
        }
        var newer = Hex([.. Enumerable.Range(0, 20).Select(n => 2 * n + 1)]);
        Assert.Equal(newer, await ReadAsync(Audience("news")));
        Assert.Equal(newer, await ReadAsync(Audience(users: "ann")));
        Assert.Equal(Token(1), Assert.Single(await Cache.FindDevicesAsync(App, DeviceSelector.ByDeviceId("in order 0"), default)).Token.ToArray());
    }

    [Fact]
    public async Task Two_tokens_of_one_device_from_the_same_moment_leave_the_same_one_in_either_order()
    {
        await RegisterAsync(Device(1, At(1), deviceId: "phone"));
        await RegisterAsync(Device(2, At(1), deviceId: "phone"));
        var left = await ReadAsync(Audience("all"));
        await Cache.OpenAppAsync("other", Shards, default);
        await Cache.RegisterAsync("other", Device(2, At(1), deviceId: "phone"), default);
        await Cache.RegisterAsync("other", Device(1, At(1), deviceId: "phone"), default);
        Assert.Equal(left, Hex(await Cache.ReadAsync("other", Audience("all"), 0, Shards, default)));
    }

    [Fact]
    public async Task An_audience_changes_by_tokens_and_by_users()
    {
        await RegisterAsync(Device(1, At(1), "ann"));
        await RegisterAsync(Device(2, At(1), "ann"));
        await RegisterAsync(Device(3, At(1)));
        Assert.Equal(new AudienceChangeResult(3, 0, 1), await Cache.ChangeAudienceAsync(App, Change("vip", "ann nobody", [Token(3), Token(4)]), default));
        Assert.Equal(Hex(1, 2, 3), await ReadAsync(Audience("vip")));
        Assert.Equal(new AudienceChangeResult(0, 2, 0), await Cache.ChangeAudienceAsync(App, Change("vip", "", [Token(3)], "ann", [Token(4)]), default));
        Assert.Equal(Hex(3), await ReadAsync(Audience("vip")));
        await RegisterAsync(Device(3, At(2)));
        Assert.Equal("vip", Assert.Single(Assert.Single(await Cache.FindDevicesAsync(App, DeviceSelector.ByToken(Token(3)), default)).Audiences));
        await Assert.ThrowsAsync<ArgumentException>(() => Cache.ChangeAudienceAsync(App, Change("all", "ann"), default));
    }

    [Fact]
    public async Task A_member_that_comes_while_an_audience_empties_is_read()
    {
        for (var round = 0; round < 10; round++)
        {
            await RegisterAsync(Device(round, At(1), audiences: "news"));
            await Task.WhenAll(
                Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(round)), At(2), default),
                RegisterAsync(Device(100 + round, At(1), audiences: "news")));
        }
        Assert.Equal(Hex([.. Enumerable.Range(100, 10)]), await ReadAsync(Audience("news")));
    }

    [Fact]
    public async Task Audiences_are_known_once_they_had_a_member_and_listed_with_their_sizes()
    {
        Assert.Equal(["news"], await Cache.FindUnknownAudiencesAsync(App, ["all", "news"], default));
        await RegisterAsync(Device(1, At(1), audiences: "news"));
        await RegisterAsync(Device(2, At(1), audiences: "news archive"));
        await Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(2)), At(2), default);
        Assert.Equal(["sports"], await Cache.FindUnknownAudiencesAsync(App, ["news", "sports", "archive"], default));
        Assert.Equal([new("all", 1), new("archive", 0), new("news", 1)], await Cache.ListAudiencesAsync(App, default));
    }

    [Fact]
    public async Task What_is_read_for_export_makes_the_same_devices_elsewhere()
    {
        DeviceRegistration[] registered = [Device(1, At(0), "ann", "phone", "sports news"), Device(2, At(1)), Device(3, At(2), "bob")];
        foreach (var device in registered)
        {
            await RegisterAsync(device);
        }
        await Cache.UnregisterAsync(App, DeviceSelector.ByToken(Token(3)), At(3), default);
        var read = new List<DeviceRegistration>();
        for (var shard = 0; shard < Shards; shard++)
        {
            var devices = await Cache.ReadDevicesAsync(App, shard, default);
            Assert.All(devices, device => Assert.Equal(shard, TokenHash.Shard(device.Token.Span, Shards)));
            read.AddRange(devices);
        }
        Assert.Equal(
            registered[..2].OrderBy(Hex, StringComparer.Ordinal).Select(device => (Hex(device), device.At.ToUnixTimeMilliseconds(), device.UserId, device.DeviceId, Names(device))),
            read.OrderBy(Hex, StringComparer.Ordinal).Select(device => (Hex(device), device.At.ToUnixTimeMilliseconds(), device.UserId, device.DeviceId, Names(device))));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.ReadDevicesAsync(App, Shards, default));

        static string Hex(DeviceRegistration device) => Convert.ToHexString(device.Token.Span);

        static string Names(DeviceRegistration device) => string.Join(',', (device.Audiences ?? []).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tokens_given_need_not_be_registered_and_count_once()
    {
        await RegisterAsync(Device(1, At(1), "ann", audiences: "news"));
        await RegisterAsync(Device(2, At(1), "bob", audiences: "blocked"));
        Assert.Equal(Hex(1, 9), await ReadAsync(Audience("news", users: "ann", tokens: [Token(1), Token(9), Token(9)])));
        Assert.Equal(Hex(1), await ReadAsync(Audience(users: "ann bob", noneOf: "blocked")));
        Assert.Equal(Hex(1), await ReadAsync(Audience(allOf: "news", tokens: [Token(1), Token(9)])));
        Assert.Equal(2, await Cache.CountAsync(App, Audience(users: "ann bob", allOf: "all", noneOf: ""), default));
    }

    [Fact]
    public async Task An_expression_that_names_nobody_is_refused_and_never_means_everyone()
    {
        await RegisterAsync(Device(1, At(1), audiences: "news"));
        await Assert.ThrowsAsync<ArgumentException>(() => Cache.ReadAsync(App, Audience(noneOf: "news"), 0, Shards, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Cache.CountAsync(App, Audience(), default));
    }

    [Fact]
    public async Task Ranges_of_shards_together_are_the_audience()
    {
        var all = Enumerable.Range(0, 200).ToArray();
        await ImportAsync(all.Select(n => Device(n, At(1), n % 3 == 0 ? "ann" : null, null, n % 2 == 0 ? "even" : "odd")));
        var read = new List<string>();
        for (var shard = 0; shard < Shards; shard += 4)
        {
            read.AddRange(Hex(await Cache.ReadAsync(App, Audience("even", users: "ann", tokens: [Token(999)]), shard, shard + 4, default)));
        }
        Assert.Equal(Hex([.. all.Where(n => n % 2 == 0 || n % 3 == 0), 999]), read.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Random_expressions_mean_what_plain_sets_mean()
    {
        var random = new Random(20261122);
        string[] names = ["a", "b", "c", "d"];
        var devices = Enumerable.Range(0, 300).Select(n =>
            (N: n, User: $"u{random.Next(40)}", Audiences: names.Where(_ => random.Next(2) == 0).Append("all").ToHashSet())).ToList();
        await ImportAsync(devices.Select(d => Device(d.N, At(1), d.User, null, string.Join(' ', d.Audiences))));
        for (var round = 0; round < 150; round++)
        {
            string[] any = Pick([.. names, "all", "none such"], random.Next(4)), all = Pick(names, random.Next(3)), none = Pick(names, random.Next(3));
            var users = random.Next(2) == 0 ? Pick([.. devices.Select(d => d.User), "nobody"], random.Next(4)) : [];
            var tokens = random.Next(2) == 0 ? Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(350)).ToArray() : [];
            var expression = Audience(string.Join(' ', any), string.Join(' ', all), string.Join(' ', none), string.Join(' ', users), [.. tokens.Select(Token)]);
            if (any.Length + all.Length + users.Length + tokens.Length == 0)
            {
                continue;
            }
            var everyAudience = any.Length == 0 && users.Length == 0 && tokens.Length == 0;
            var expected = devices
                .Where(d => everyAudience || any.Any(d.Audiences.Contains) || users.Contains(d.User) || tokens.Contains(d.N))
                .Where(d => all.All(d.Audiences.Contains) && !none.Any(d.Audiences.Contains))
                .Select(d => d.N).Concat(all.Length == 0 ? tokens.Where(n => n >= devices.Count) : []).Distinct().ToArray();
            Assert.Equal(Hex(expected), await ReadAsync(expression));
            Assert.Equal(expected.Length, await Cache.CountAsync(App, expression, default));
        }

        string[] Pick(string[] from, int count) => [.. Enumerable.Range(0, count).Select(_ => from[random.Next(from.Length)]).Distinct()];
    }

    [Fact]
    public async Task Random_registrations_and_removals_end_the_same_in_order_out_of_order_and_all_at_once()
    {
        var random = new Random(1);
        for (var round = 0; round < 40; round++)
        {
            var calls = Enumerable.Range(1, 9).OrderBy(_ => random.Next()).Select(minute => AnyCall(random, minute)).ToList();
            await Cache.OpenAppAsync($"ordered{round}", Shards, default);
            await Cache.OpenAppAsync($"shuffled{round}", Shards, default);
            await Cache.OpenAppAsync($"at-once{round}", Shards, default);
            foreach (var (_, call) in calls.OrderBy(call => call.Minute))
            {
                await call($"ordered{round}");
            }
            foreach (var (_, call) in calls)
            {
                await call($"shuffled{round}");
            }
            await Task.WhenAll(calls.Select(call => call.Call($"at-once{round}")));
            var expected = await StateAsync($"ordered{round}");
            Assert.Equal($"round {round}: {expected}", $"round {round}: {await StateAsync($"shuffled{round}")}");
            Assert.Equal($"round {round}: {expected}", $"round {round}: {await StateAsync($"at-once{round}")}");
        }

        (int Minute, Func<string, Task> Call) AnyCall(Random random, int minute)
        {
            var token = random.Next(3);
            var (user, deviceId) = (random.Next(3) is var u and > 0 ? $"user{u}" : null, random.Next(3) is var d and > 0 ? $"device{d}" : null);
            return (minute, random.Next(9) switch
            {
                0 => app => Cache.UnregisterAsync(app, DeviceSelector.ByToken(Token(token)), At(minute), default),
                1 => app => Cache.UnregisterAsync(app, DeviceSelector.ByUser("user1"), At(minute), default),
                2 => app => Cache.UnregisterAsync(app, DeviceSelector.ByDeviceId("device1"), At(minute), default),
                _ => app => Cache.RegisterAsync(app, Device(token, At(minute), user, deviceId, $"at{minute} odd{minute % 2}"), default),
            });
        }

        async Task<string> StateAsync(string app)
        {
            var left = new List<string>();
            for (var n = 0; n < 3; n++)
            {
                left.AddRange((await Cache.FindDevicesAsync(app, DeviceSelector.ByToken(Token(n)), default))
                    .Select(device => $"{n} {device.UserId} {device.DeviceId} {string.Join(',', device.Audiences)}"));
            }
            foreach (var expression in (AudienceExpression[])[Audience(users: "user1"), Audience(users: "user2"), Audience("odd0"), Audience("odd1"), Audience("all")])
            {
                left.Add(string.Join(',', Hex(await Cache.ReadAsync(app, expression, 0, Shards, default)).Select(hex => hex[..4])));
            }
            foreach (var id in (string[])["device1", "device2"])
            {
                left.AddRange((await Cache.FindDevicesAsync(app, DeviceSelector.ByDeviceId(id), default)).Select(device => $"{id} {Convert.ToHexString(device.Token.Span)[..4]}"));
            }
            return string.Join("; ", left);
        }
    }

    [Fact]
    public async Task An_estimate_tells_a_small_audience_from_a_large_one()
    {
        await ImportAsync(Enumerable.Range(0, 2_000).Select(n => Device(n, At(1), audiences: n < 3 ? "few many" : "many")));
        var few = await Cache.EstimateAsync(App, Audience("few"), default);
        Assert.True(few.Exact);
        Assert.Equal(3, few.Tokens);
        Assert.InRange(few.Shards, 1, 3);
        var many = await Cache.EstimateAsync(App, Audience("many"), default);
        Assert.InRange(many.Tokens, 1_500, 2_500);
        Assert.Equal(Shards, many.Shards);
        Assert.Equal(0, (await Cache.EstimateAsync(App, Audience("none such"), default)).Tokens);
    }

    [Fact]
    public async Task An_import_follows_the_rules_of_registration_and_reports_progress()
    {
        await RegisterAsync(Device(1, At(5), "newer"));
        await RegisterAsync(Device(2, At(1), "older"));
        var progress = new List<long>();
        var devices = Enumerable.Range(0, 1_000).Select(n => Device(n, At(2), $"user{n}", $"device{n % 900}", "news"));
        var result = await Cache.ImportAsync(App, Stream(devices), new Recorder(progress), default);
        Assert.Equal(1_000, result.Added + result.Renewed + result.Stale);
        Assert.Equal(1_000, progress[^1]);
        Assert.Equal("newer", Assert.Single(await Cache.FindDevicesAsync(App, DeviceSelector.ByToken(Token(1)), default)).UserId);
        Assert.Equal(900, await Cache.CountAsync(App, Audience("news"), default)); // as many as device ids
    }

    [Fact]
    public async Task An_import_that_gives_one_device_id_to_many_tokens_keeps_the_latest()
    {
        await ImportAsync(Enumerable.Range(0, 500).Select(n => Device(n, At(n == 77 ? 2 : 1), deviceId: "all the same")));
        Assert.Equal(Hex(77), await ReadAsync(Audience("all")));
    }

    [Fact]
    public async Task An_app_opened_with_another_number_of_shards_is_refused()
    {
        await Cache.OpenAppAsync(App, Shards, default);
        await Assert.ThrowsAsync<ShardCountMismatchException>(() => Cache.OpenAppAsync(App, Shards + 1, default));
    }

    [Fact]
    public async Task Apps_do_not_see_each_others_devices()
    {
        await Cache.OpenAppAsync("other-app", Shards, default);
        await RegisterAsync(Device(1, At(1), "ann", audiences: "news"));
        Assert.Equal(0, await Cache.CountAsync("other-app", Audience("all", users: "ann"), default));
        Assert.Equal(["news"], await Cache.FindUnknownAudiencesAsync("other-app", ["news"], default));
    }

    private DateTimeOffset At(int minutes) => _start.AddMinutes(minutes);

    private Task<RegistrationResult> RegisterAsync(DeviceRegistration device) => Cache.RegisterAsync(App, device, default);

    private Task<ImportResult> ImportAsync(IEnumerable<DeviceRegistration> devices) => Cache.ImportAsync(App, Stream(devices), null, default);

    private async Task<string[]> ReadAsync(AudienceExpression audience) => Hex(await Cache.ReadAsync(App, audience, 0, Shards, default));

    private sealed class Recorder(List<long> heard) : IProgress<long>
    {
        public void Report(long value) => heard.Add(value);
    }
}

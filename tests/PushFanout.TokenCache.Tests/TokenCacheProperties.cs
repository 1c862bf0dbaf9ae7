using FsCheck.Fluent;
using PushFanout.Testing;
using PushFanout.TokenCache.InMemory;
using PushFanout.TokenCache.Redis;
using PushFanout.TokenCache.Tests.Model;
using static PushFanout.TokenCache.Tests.TestDevices;

namespace PushFanout.TokenCache.Tests;

/// <summary>Whatever happens to devices in whatever order: a newer registration is never removed, an older one never comes back, and both caches say the same.</summary>
public sealed class TokenCacheProperties : IAsyncLifetime
{
    private const int Shards = 4;
    private static readonly string[] Audiences = ["all", "news", "sports"];

    private readonly InMemoryTokenCache _inMemory = new(TimeProvider.System);
    private readonly List<IAsyncDisposable> _owned = [];
    private RedisTokenCache _redis = null!;
    private int _apps;

    public async Task InitializeAsync()
    {
        var connection = new RedisConnection(new RedisConnectionOptions { Endpoints = await SharedServers.RedisAsync(), KeyPrefix = $"test-{Guid.NewGuid():N}", Timeout = TimeSpan.FromSeconds(20) });
        _owned.Add(connection);
        _redis = new RedisTokenCache(connection);
    }

    public async Task DisposeAsync() => await Task.WhenAll(_owned.Select(owned => owned.DisposeAsync().AsTask()));

    [Fact]
    public void In_memory_registrations_removals_feedback_and_changes_end_as_the_plain_model_says() => CheckAgainstModel(_inMemory, tests: 2_000);

    [Fact]
    public void In_Redis_registrations_removals_feedback_and_changes_end_as_the_plain_model_says() => CheckAgainstModel(_redis, tests: 80);

    [Fact]
    public void With_device_ids_too_both_caches_answer_and_end_the_same() => Properties.Check(
        CacheCall.Sequences(withDeviceIds: true), Properties.OneLess,
        async calls =>
        {
            var app = await OpenAsync();
            var now = Now();
            foreach (var call in calls)
            {
                Assert.Equal(await call.MakeAsync(_inMemory, app, now), await call.MakeAsync(_redis, app, now));
            }
            Assert.Equal(await StateAsync(_inMemory, app), await StateAsync(_redis, app));
        },
        tests: 80);

    [Fact]
    public void An_expression_means_what_plain_sets_mean()
    {
        var names = Gen.SubListOf("a", "b", "c", "d", "never").Select(list => list.ToArray());
        var expressions =
            from anyOf in names
            from allOf in names
            from noneOf in names
            from users in Gen.SubListOf("u0", "u1", "u2", "nobody")
            from tokens in Gen.SubListOf(Enumerable.Range(0, 24).ToArray())
            from isPlain in Gen.Elements(true, false)
            where anyOf.Length + allOf.Length + (isPlain ? 0 : users.Count + tokens.Count) > 0
            select new AudienceExpression(anyOf, allOf, noneOf, isPlain ? [] : [.. users], isPlain ? [] : [.. tokens.Select(number => (ReadOnlyMemory<byte>)Token(number))]);
        // Tokens 0–19 are registered; which audiences one is in, and whose it is, is the value.
        var worlds =
            from memberships in Gen.Choose(0, 15).ArrayOf(20)
            from owners in Gen.Choose(0, 3).ArrayOf(20)
            from asked in expressions.ArrayOf(12)
            select (memberships, owners, asked);
        Properties.Check(
            worlds, world => world.asked.Length < 2 ? [] : world.asked.Select(one => (world.memberships, world.owners, asked: (AudienceExpression[])[one])),
            async world =>
            {
                var app = await OpenAsync();
                var sets = Enumerable.Range(0, 20).ToDictionary(number => number, number => "abcd".Where((_, bit) => (world.memberships[number] >> bit & 1) == 1).Select(name => $"{name}").ToHashSet());
                foreach (var (number, joined) in sets)
                {
                    var device = Device(number, TimeProvider.System.GetUtcNow(), world.owners[number] == 3 ? null : $"u{world.owners[number]}", audiences: string.Join(' ', joined));
                    await _inMemory.RegisterAsync(app, device, default);
                    await _redis.RegisterAsync(app, device, default);
                }
                foreach (var expression in world.asked)
                {
                    var meant = Enumerable.Range(0, 24).Where(number => IsMeant(expression, number, sets.GetValueOrDefault(number), number < 20 ? $"u{world.owners[number]}" : "")).ToArray();
                    foreach (var cache in (ITokenCache[])[_inMemory, _redis])
                    {
                        Assert.Equal(Hex(meant), Hex(await cache.ReadAsync(app, expression, 0, Shards, default)));
                        Assert.Equal(meant.Length, await cache.CountAsync(app, expression, default));
                    }
                }
            },
            tests: 40);
    }

    private static bool IsMeant(AudienceExpression expression, int number, HashSet<string>? joined, string user)
    {
        var isNamed = expression.Users.Contains(user) || expression.Tokens.Any(token => token.Span.SequenceEqual(Token(number)));
        var isRead = expression.AnyOf.Count > 0
            ? joined is not null && expression.AnyOf.Any(joined.Contains)
            : expression.Users.Count + expression.Tokens.Count == 0 && joined is not null;
        return (isNamed || isRead) && expression.AllOf.All(name => joined?.Contains(name) == true) && !expression.NoneOf.Any(name => joined?.Contains(name) == true);
    }

    private void CheckAgainstModel(ITokenCache cache, int tests) => Properties.Check(
        CacheCall.Sequences(withDeviceIds: false), Properties.OneLess,
        async calls =>
        {
            var app = await OpenAsync();
            var now = Now();
            var model = new PlainDevices();
            // Feedback comes again, late and in another order.
            foreach (var call in calls.Concat(calls.Reverse().Where(call => call.Kind is CallKind.Retire)))
            {
                var answered = await call.MakeAsync(cache, app, now);
                Assert.Equal(call.MakeOn(model) ?? answered, answered);
            }
            Assert.Equal(StateOf(model), await StateAsync(cache, app));
        },
        tests);

    /// <summary>Calls arrive between this and the next step, whatever the clock of Redis makes of the milliseconds.</summary>
    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow().AddSeconds(-5);

    private async Task<string> OpenAsync()
    {
        var app = $"app-{Interlocked.Increment(ref _apps)}";
        await _inMemory.OpenAppAsync(app, Shards, default);
        await _redis.OpenAppAsync(app, Shards, default);
        return app;
    }

    /// <summary>Every device as it can be found by its token, its user and its audiences.</summary>
    private static async Task<string> StateAsync(ITokenCache cache, string app)
    {
        var lines = new List<string>();
        foreach (var number in Enumerable.Range(1, 3))
        {
            foreach (var device in await cache.FindDevicesAsync(app, DeviceSelector.ByToken(Token(number)), default))
            {
                lines.Add($"{number}: {device.UserId} {device.DeviceId} {string.Join('+', device.Audiences)}");
            }
        }
        foreach (var user in new[] { "ann", "bob" })
        {
            var theirs = await cache.FindDevicesAsync(app, DeviceSelector.ByUser(user), default);
            lines.Add($"{user}: {Numbers(theirs.Select(device => device.Token))}");
        }
        foreach (var name in Audiences)
        {
            var members = await cache.ReadAsync(app, Audience(name), 0, Shards, default);
            lines.Add($"{name}: {Numbers(members.ToArray())}");
        }
        return string.Join('\n', lines);
    }

    private static string StateOf(PlainDevices model) => string.Join('\n',
    [
        .. model.Devices.OrderBy(device => device.Key).Select(device => $"{device.Key}: {device.Value.User}  {string.Join('+', device.Value.Audiences)}"),
        .. new[] { "ann", "bob" }.Select(user => $"{user}: {Joined(model, device => device.User == user)}"),
        .. Audiences.Select(name => $"{name}: {Joined(model, device => name == "all" || device.Audiences.Contains(name))}"),
    ]);

    private static string Joined(PlainDevices model, Func<PlainDevices.Registered, bool> isIn) =>
        string.Join(' ', model.Devices.Where(device => isIn(device.Value)).Select(device => device.Key).Order());

    private static string Numbers(IEnumerable<ReadOnlyMemory<byte>> tokens) =>
        string.Join(' ', tokens.Select(token => Enumerable.Range(1, 3).Single(number => token.Span.SequenceEqual(Token(number)))).Order());
}

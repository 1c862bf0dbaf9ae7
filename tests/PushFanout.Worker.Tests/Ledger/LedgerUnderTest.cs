using PushFanout.Testing;
using PushFanout.TokenCache.Redis;
using PushFanout.Worker.Ledger;
using StackExchange.Redis;

namespace PushFanout.Worker.Tests.Ledger;

/// <summary>A ledger with what a test needs to do to it from outside.</summary>
internal abstract class LedgerUnderTest : IAsyncDisposable
{
    /// <summary>Nothing is offered again by chance because a test machine was slow.</summary>
    public static LedgerLimits Unhurried { get; } = new() { OfferAgainAfter = TimeSpan.FromHours(1) };

    public abstract INotificationLedger Ledger { get; }

    /// <summary>Returns when the ledger's clock is this much further.</summary>
    public abstract Task PassAsync(TimeSpan time);

    /// <summary>The snapshot of the range is gone, as after a crash that lost the last second.</summary>
    public abstract Task LoseSnapshotAsync(Guid id, int range);

    /// <summary>Nothing is known of the notification any more, as after a Redis that came back empty.</summary>
    public abstract Task LoseAsync(Guid id);

    public abstract ValueTask DisposeAsync();
}

internal sealed class InMemoryUnderTest : LedgerUnderTest
{
    private readonly InMemoryLedger _ledger;

    public InMemoryUnderTest(LedgerLimits limits) => _ledger = new InMemoryLedger(Clock, limits);

    public ManualClock Clock { get; } = new();

    public override INotificationLedger Ledger => _ledger;

    public override Task PassAsync(TimeSpan time)
    {
        Clock.Now += time;
        return Task.CompletedTask;
    }

    public override Task LoseSnapshotAsync(Guid id, int range)
    {
        _ledger.LoseSnapshot(id, range);
        return Task.CompletedTask;
    }

    public override Task LoseAsync(Guid id)
    {
        _ledger.Lose(id);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class RedisUnderTest : LedgerUnderTest
{
    private readonly RedisConnection _connection;
    private readonly RedisLedger _ledger;
    private readonly string _prefix;

    private RedisUnderTest(RedisConnection connection, string prefix, LedgerLimits limits)
    {
        _connection = connection;
        _prefix = prefix;
        _ledger = new RedisLedger(connection, prefix, TimeProvider.System, limits);
    }

    public override INotificationLedger Ledger => _ledger;

    public static async Task<RedisUnderTest> StartAsync(LedgerLimits limits) => Start(await SharedServers.RedisAsync(), limits);

    public static RedisUnderTest Start(string endpoints, LedgerLimits limits) => Start(endpoints, $"test-{Guid.NewGuid():N}", limits);

    /// <summary>As another worker sees the same books.</summary>
    public RedisUnderTest StartAnother(string endpoints, LedgerLimits limits) => Start(endpoints, _prefix, limits);

    private static RedisUnderTest Start(string endpoints, string prefix, LedgerLimits limits) =>
        new(new RedisConnection(new RedisConnectionOptions { Endpoints = endpoints, Timeout = TimeSpan.FromSeconds(20) }), prefix, limits);

    public override async Task PassAsync(TimeSpan time)
    {
        var until = await ReadTimeAsync() + time;
        await Eventually.TrueAsync(async () => await ReadTimeAsync() > until, Eventually.Patience, "Redis' clock moves on");
    }

    public Task<DateTimeOffset> ReadTimeAsync() => _connection.ReadTimeAsync(default);

    public override Task LoseSnapshotAsync(Guid id, int range) => ReadAsync(redis => redis.KeyDeleteAsync(Key(id, $"x:{range}")));

    public RedisKey Key(Guid id, string name) => $"{_prefix}:{{n:{id}}}:{name}";

    public Task<T> ReadAsync<T>(Func<IDatabase, Task<T>> command) => _connection.ExecuteAsync("test", command, default);

    /// <summary>The names behind the hash tag of every key of the notification, in order.</summary>
    public async Task<string[]> KeysOfAsync(Guid id)
    {
        var tag = (string)Key(id, "")!;
        // As a script with a key of the notification, so that on a cluster the node that has it is asked.
        var keys = (RedisKey[])(await ReadAsync(redis => redis.ScriptEvaluateAsync(
            "return redis.call('KEYS', ARGV[1])", [Key(id, "m")], [tag.Replace("{", "\\{", StringComparison.Ordinal) + "*"])))!;
        return [.. keys.Select(key => ((string)key!)[tag.Length..]).Order(StringComparer.Ordinal)];
    }

    public override async Task LoseAsync(Guid id)
    {
        RedisKey[] keys = [.. (await KeysOfAsync(id)).Select(name => Key(id, name))];
        await ReadAsync(redis => redis.KeyDeleteAsync(keys));
    }

    public override async ValueTask DisposeAsync()
    {
        await _ledger.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

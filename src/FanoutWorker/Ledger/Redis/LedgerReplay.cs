using PushFanout.TokenCache;
using PushFanout.TokenCache.Redis;
using StackExchange.Redis;

namespace PushFanout.Worker.Ledger;

/// <summary>
/// Repeats the last writes of this worker whenever another run of Redis answers. Each of them is a merge: where nothing was
/// forgotten nothing changes. Writes of one notification keep their order; notifications go side by side.
/// </summary>
internal sealed class LedgerReplay : IAsyncDisposable
{
    private const int NotificationsAtOnce = 16;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(500);

    private readonly RedisConnection _connection;
    private readonly TimeProvider _clock;
    private readonly RecentWrites _recent;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task _replay = Task.CompletedTask;

    public LedgerReplay(RedisConnection connection, TimeProvider clock)
    {
        _connection = connection;
        _clock = clock;
        _recent = new RecentWrites(clock);
        _connection.Reconnected += OnReconnected;
    }

    /// <summary>Redis has acknowledged it.</summary>
    public void Remember(RedisScript script, RedisKey[] keys, params RedisValue[] arguments) => _recent.Add(new(script, keys, arguments));

    public async ValueTask DisposeAsync()
    {
        _connection.Reconnected -= OnReconnected;
        await _stop.CancelAsync();
        await _replay;
        _stop.Dispose();
    }

    private void OnReconnected(object? sender, RedisReconnectedEventArgs reconnected)
    {
        if (reconnected.ServerStarted)
        {
            lock (_lock)
            {
                // Taken now: what is written from here on makes the oldest go.
                _replay = ReplayAsync(_replay, _recent.ToList());
            }
        }
    }

    private async Task ReplayAsync(Task before, IReadOnlyList<RepeatableWrite> writes)
    {
        try
        {
            await before;
            await Parallel.ForEachAsync(
                writes.GroupBy(write => write.Keys[0]), new ParallelOptions { MaxDegreeOfParallelism = NotificationsAtOnce, CancellationToken = _stop.Token },
                async (notification, stopping) =>
                {
                    foreach (var write in notification)
                    {
                        await RepeatAsync(write, stopping);
                    }
                });
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The worker ends. What is not repeated is made good by redelivery and retry, as after a worker's own crash.
        }
    }

    private async Task RepeatAsync(RepeatableWrite write, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await _connection.EvaluateAsync(write.Script, write.Keys, write.Arguments, stopping);
                return;
            }
            catch (TokenCacheUnavailableException)
            {
                await Task.Delay(PauseAfterFailure, _clock, stopping);
            }
        }
    }
}

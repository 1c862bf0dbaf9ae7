using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// Asks every server in turn whether it answers. A connection that is open but silent twice in a row is half-open (Linux
/// would keep it for 15 minutes): then all connections are made anew. After every reconnect it looks whether the server
/// behind is still the same run.
/// </summary>
internal sealed class RedisWatchdog : IAsyncDisposable
{
    private const int MissesBeforeReplacement = 2;
    private const int TimeoutsBeforeReplacementOfLost = 10;

    private readonly RedisConnection _connection;
    private readonly RedisConnectionOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Dictionary<EndPoint, int> _misses = [];
    private readonly HashSet<string> _runs = [];
    private readonly Task _watch;
    private long _lastAnswer;
    private volatile bool _connected;
    private volatile bool _replacementRequested;

    public RedisWatchdog(RedisConnection connection, RedisConnectionOptions options)
    {
        _connection = connection;
        _options = options;
        _watch = Task.Run(WatchAsync);
    }

    /// <summary>A connection was made, for the first time or again.</summary>
    public void NoteConnection()
    {
        _connected = true;
        Wake();
    }

    /// <summary>The server no longer takes writes; the name it was found by may lead to another one now.</summary>
    public void RequestReplacement()
    {
        _replacementRequested = true;
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await _wake.WaitAsync(_stop.Token).ConfigureAwait(false); // the first connection
            _lastAnswer = Stopwatch.GetTimestamp();
            while (true)
            {
                try
                {
                    await LookAsync().ConfigureAwait(false);
                }
                catch (Exception e) when (e is TokenCacheUnavailableException || RedisFault.IsFault(e))
                {
                    // Redis is away: callers hear it from their own calls, and the next look comes soon.
                }
                await _wake.WaitAsync(_options.WatchInterval, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The connection is closed for good.
        }
    }

    private async Task LookAsync()
    {
        var servers = _connection.Servers().Where(server => server.IsConnected).ToList();
        var silent = await Task.WhenAll(servers.Select(IsSilentAsync)).ConfigureAwait(false);
        if (silent.Contains(false))
        {
            _lastAnswer = Stopwatch.GetTimestamp();
        }
        if (_replacementRequested || silent.Contains(true) && _misses.Values.Any(misses => misses >= MissesBeforeReplacement) || IsLost())
        {
            _replacementRequested = false;
            _lastAnswer = Stopwatch.GetTimestamp();
            _misses.Clear();
            await _connection.ReplaceAsync(_stop.Token).ConfigureAwait(false);
        }
        else if (_connected && silent.Contains(false))
        {
            _connected = false;
            await TellReconnectedAsync(servers).ConfigureAwait(false);
        }
    }

    /// <summary>The client tries again by itself, so a connection that is known to be down gets longer before it is made anew.</summary>
    private bool IsLost() => Stopwatch.GetElapsedTime(_lastAnswer) > TimeoutsBeforeReplacementOfLost * _options.Timeout;

    private async Task<bool> IsSilentAsync(IServer server)
    {
        try
        {
            await server.PingAsync().WaitAsync(_options.Timeout, _stop.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_misses)
            {
                _misses[server.EndPoint] = _misses.GetValueOrDefault(server.EndPoint) + 1;
            }
            return true;
        }
        catch (RedisException)
        {
            // An error is an answer, and a connection that just broke is not silent but gone.
        }
        lock (_misses)
        {
            _misses.Remove(server.EndPoint);
        }
        return false;
    }

    private async Task TellReconnectedAsync(IEnumerable<IServer> servers)
    {
        var first = _runs.Count == 0;
        var started = false;
        foreach (var server in servers)
        {
            var info = await _connection.ReadInfoAsync(server, _stop.Token).ConfigureAwait(false);
            started |= info.GetValueOrDefault("run_id") is { } run && _runs.Add(run);
        }
        if (!first)
        {
            _connection.RaiseReconnected(started);
        }
    }
}

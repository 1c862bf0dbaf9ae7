using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace PushFanout.TokenCache.Redis;

/// <summary>
/// The one connection to Redis. Every call has a deadline and throws <see cref="TokenCacheUnavailableException"/> when
/// Redis does not answer in time or answers with an error. It connects at the first call; a watchdog replaces connections
/// that only look alive. Calls made without awaiting the one before travel together (pipelined).
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    private static readonly Version OldestVersion = new(6, 2);
    private const int ScriptAttempts = 3;

    private readonly RedisConnectionOptions _options;
    private readonly ConfigurationOptions _configuration;
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly RedisWatchdog _watchdog;
    private volatile ConnectionMultiplexer? _multiplexer;
    private volatile string? _lastConnectionFailure;

    /// <summary>Connects at the first call, not yet.</summary>
    public RedisConnection(RedisConnectionOptions options)
    {
        _options = options;
        _configuration = ConfigurationOptions.Parse(options.Endpoints);
        _configuration.AbortOnConnectFail = false;
        _configuration.ConnectTimeout = (int)options.Timeout.TotalMilliseconds;
        _configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
        _configuration.KeepAlive = 10;
        _configuration.AllowAdmin = true; // the client counts INFO among what only an administrator asks
        _configuration.ClientName = "pushfanout";
        _configuration.Ssl |= options.Tls;
        _configuration.Password = options.Password ?? _configuration.Password;
        _watchdog = new RedisWatchdog(this, options);
    }

    /// <summary>What every key starts with, without the colon.</summary>
    public string KeyPrefix => _options.KeyPrefix;

    /// <summary>Raised, one at a time, after a lost connection came back; see <see cref="RedisReconnectedEventArgs.ServerStarted"/>.</summary>
    public event EventHandler<RedisReconnectedEventArgs>? Reconnected;

    /// <summary>Connects and checks that Redis never evicts keys and is 6.2 or later. For the start of a program.</summary>
    /// <exception cref="UnsuitableRedisException">With what to change in Redis.</exception>
    /// <exception cref="TokenCacheUnavailableException">Redis cannot be reached.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("PING", database => database.PingAsync(), cancellationToken).ConfigureAwait(false);
        foreach (var server in Servers().Where(server => server.IsConnected))
        {
            var info = await ReadInfoAsync(server, cancellationToken).ConfigureAwait(false);
            if (info.GetValueOrDefault("maxmemory_policy") is { } policy and not "noeviction")
            {
                throw new UnsuitableRedisException(
                    $"Redis may evict keys (maxmemory-policy {policy}), which would silently drop devices. Set 'maxmemory-policy noeviction'.");
            }
            if (Version.TryParse(info.GetValueOrDefault("redis_version"), out var version) && version < OldestVersion)
            {
                throw new UnsuitableRedisException($"Redis {version} is too old; {OldestVersion} or later is needed.");
            }
        }
    }

    /// <summary>Runs commands on the database within the deadline. The command must be asynchronous.</summary>
    /// <param name="operation">The command's name, for errors and metrics.</param>
    /// <param name="command">One command, or several sent together whose results it gathers.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    /// <exception cref="TokenCacheUnavailableException">No answer in time, or an error instead of one.</exception>
    public async Task<T> ExecuteAsync<T>(string operation, Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            var multiplexer = _multiplexer ?? await ConnectAsync(null, cancellationToken).ConfigureAwait(false);
            return await command(multiplexer.GetDatabase()).WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFault.IsFault(e) && !RedisFault.IsUnknownScript(e) && !IsCancelled(e, cancellationToken))
        {
            error = RedisFault.Kind(e);
            if (RedisFault.IsDemoted(e))
            {
                _watchdog.RequestReplacement();
            }
            throw RedisFault.Unavailable(operation, e, _multiplexer is { IsConnected: true } ? null : _lastConnectionFailure);
        }
        finally
        {
            RedisTelemetry.Record(operation, startedAt, error);
        }
    }

    /// <summary>Runs a script within the deadline, loading it where Redis does not know it (yet, or any more).</summary>
    /// <exception cref="TokenCacheUnavailableException">No answer in time, or an error instead of one.</exception>
    public async Task<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ExecuteAsync(script.Name, Evaluate, cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException e) when (RedisFault.IsUnknownScript(e))
            {
                if (attempt == ScriptAttempts)
                {
                    throw RedisFault.Unavailable(script.Name, e, null);
                }
            }

            // The client loads a script given as text before it runs it; given as a hash it never does.
            Task<RedisResult> Evaluate(IDatabase database) => attempt == 1
                ? database.ScriptEvaluateAsync(script.Hash, keys, values)
                : database.ScriptEvaluateAsync(script.Text, keys, values);
        }
    }

    /// <summary>The clock of Redis (of one of its nodes), which deadlines and leases are measured by.</summary>
    public Task<DateTimeOffset> ReadTimeAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("TIME", async database =>
        {
            var time = (RedisValue[]?)await database.ExecuteAsync("TIME").ConfigureAwait(false)
                ?? throw new InvalidOperationException("TIME answered nothing.");
            return DateTimeOffset.FromUnixTimeSeconds((long)time[0]).AddMicroseconds((long)time[1]);
        }, cancellationToken);

    /// <summary>What every server that is connected says about itself, whether it suits or not. For diagnosis.</summary>
    /// <exception cref="TokenCacheUnavailableException">Redis cannot be reached.</exception>
    public async Task<IReadOnlyList<RedisServerFacts>> ReadServersAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("PING", database => database.PingAsync(), cancellationToken).ConfigureAwait(false);
        var facts = new List<RedisServerFacts>();
        foreach (var server in Servers().Where(server => server.IsConnected))
        {
            facts.Add(new RedisServerFacts(server.EndPoint is DnsEndPoint { Host: var host, Port: var port } ? $"{host}:{port}" : $"{server.EndPoint}", await ReadInfoAsync(server, cancellationToken).ConfigureAwait(false)));
        }
        return facts;
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watchdog.DisposeAsync().ConfigureAwait(false);
        await _connecting.WaitAsync().ConfigureAwait(false);
        if (_multiplexer is { } multiplexer)
        {
            _multiplexer = null;
            await CloseAsync(multiplexer).ConfigureAwait(false);
        }
        _connecting.Dispose();
    }

    internal IEnumerable<IServer> Servers() => _multiplexer is { } multiplexer ? multiplexer.GetEndPoints().Select(endpoint => multiplexer.GetServer(endpoint)) : [];

    /// <summary>What INFO says, line by line.</summary>
    internal async Task<Dictionary<string, string>> ReadInfoAsync(IServer server, CancellationToken cancellationToken) =>
        (await ExecuteAsync("INFO", _ => server.InfoAsync(), cancellationToken).ConfigureAwait(false))
            .SelectMany(section => section).GroupBy(line => line.Key).ToDictionary(line => line.Key, line => line.First().Value);

    internal void RaiseReconnected(bool serverStarted) => Reconnected?.Invoke(this, new RedisReconnectedEventArgs(serverStarted));

    internal Task ReplaceAsync(CancellationToken cancellationToken) => ConnectAsync(_multiplexer, cancellationToken);

    private static bool IsCancelled(Exception e, CancellationToken cancellationToken) =>
        e is OperationCanceledException && cancellationToken.IsCancellationRequested;

    /// <summary>Makes a new connection in place of <paramref name="worn"/>, unless somebody else just did.</summary>
    private async Task<ConnectionMultiplexer> ConnectAsync(ConnectionMultiplexer? worn, CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_multiplexer is { } present && present != worn)
            {
                return present;
            }
            var connect = ConnectionMultiplexer.ConnectAsync(_configuration);
            ConnectionMultiplexer fresh;
            try
            {
                fresh = await connect.WaitAsync(2 * _options.Timeout, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _ = connect.ContinueWith(late => late.Result.Dispose(), CancellationToken.None,
                    TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                throw;
            }
            fresh.ConnectionFailed += (_, failure) => _lastConnectionFailure = failure.FailureType.ToString();
            fresh.ConnectionRestored += (_, _) => _watchdog.NoteConnection();
            _multiplexer = fresh;
            _watchdog.NoteConnection();
            if (worn is not null)
            {
                await CloseAsync(worn).ConfigureAwait(false);
            }
            return fresh;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task CloseAsync(ConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).WaitAsync(_options.Timeout).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFault.IsFault(e))
        {
            // A dead connection may not close in an orderly way; it is not used again.
        }
    }
}

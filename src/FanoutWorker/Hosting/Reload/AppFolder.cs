using Microsoft.Extensions.Logging;
using PushFanout.TokenCache;
using PushFanout.Worker.Telemetry;

namespace PushFanout.Worker.Hosting.Reload;

/// <summary>
/// Follows the files of <see cref="PushFanoutOptions.AppsDirectory"/>. A file with a fault is refused, and the app stays as it was; one that is gone
/// takes its app along. An app is served when its shards are known to be right.
/// </summary>
internal sealed partial class AppFolder
{
    private readonly PushFanoutOptions _options;
    private readonly ServedApps _served;
    private readonly ITokenCache _cache;
    private readonly FanoutMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TwiceSeen _seen;
    private Dictionary<string, AppOptions> _inUse;

    public AppFolder(PushFanoutOptions options, ServedApps served, ITokenCache cache, FanoutMetrics metrics, ILogger<AppFolder> logger)
    {
        (_options, _served, _cache, _metrics, _logger) = (options, served, cache, metrics, logger);
        _inUse = options.Apps.Where(app => options.AppsFromFiles.Contains(app.Key)).ToDictionary();
        _seen = new TwiceSeen(options.AppsDirectory is { } folder ? AppFiles.DigestOf(folder) : []);
    }

    /// <summary>Files that cannot be used as they are now.</summary>
    public int Refused { get; private set; }

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (_options.AppsDirectory is not { } folder)
        {
            return;
        }
        var digest = AppFiles.DigestOf(folder);
        if (!_seen.IsNew(digest))
        {
            return;
        }
        try
        {
            await FollowAsync(folder, cancellationToken);
        }
        catch (TokenCacheUnavailableException away)
        {
            Waiting(_logger, away.Message);
            return; // and look again
        }
        _seen.Judged(digest);
    }

    private async Task FollowAsync(string folder, CancellationToken cancellationToken)
    {
        var faults = new SettingFaults();
        var refused = new HashSet<string>();
        var apps = new Dictionary<string, AppOptions>();
        foreach (var path in AppFiles.List(folder, faults) ?? [])
        {
            var name = Path.GetFileNameWithoutExtension(path);
            if (AppFiles.ReadFile(path, _options, faults) is { } app && await OpenAsync(name, app, faults, cancellationToken))
            {
                apps.Add(name, app);
            }
            else
            {
                refused.Add(name);
            }
        }
        foreach (var fault in faults.All)
        {
            Refuse(_logger, fault.Setting, fault.Text);
        }
        // A folder that cannot be read says nothing about any app.
        foreach (var (name, app) in _inUse.Where(app => refused.Contains(app.Key) || (refused.Count == 0 && faults.All.Count > 0)))
        {
            apps.Add(name, app);
        }
        Refused = faults.All.Count == 0 ? 0 : Math.Max(1, refused.Count);
        TakeOver(apps);
    }

    private async Task<bool> OpenAsync(string name, AppOptions app, SettingFaults faults, CancellationToken cancellationToken)
    {
        try
        {
            await _cache.OpenAppAsync(name, app.Shards, cancellationToken);
            return true;
        }
        catch (ShardCountMismatchException mismatch)
        {
            faults.Add($"AppsDirectory:{name}.json:Shards", mismatch.Message.TrimEnd('.'));
            return false;
        }
    }

    private void TakeOver(Dictionary<string, AppOptions> apps)
    {
        foreach (var (name, app) in apps)
        {
            if (!_inUse.TryGetValue(name, out var before))
            {
                Added(_logger, name, app.ToString());
            }
            else if (!AppFiles.SameSettings(before, app))
            {
                Changed(_logger, name, app.ToString());
            }
            else
            {
                apps[name] = before;
            }
        }
        foreach (var name in _inUse.Keys.Where(name => !apps.ContainsKey(name)))
        {
            Removed(_logger, name);
        }
        _metrics.Serve(apps.Keys);
        _inUse = apps;
        _served.Apply(_options.Apps.Where(app => !_options.AppsFromFiles.Contains(app.Key)).Concat(apps).ToDictionary());
    }

    [LoggerMessage(9030, LogLevel.Information, "App {App}: served from now on, {Settings}")]
    private static partial void Added(ILogger logger, string app, string settings);

    [LoggerMessage(9031, LogLevel.Information, "App {App}: its settings were changed, {Settings}")]
    private static partial void Changed(ILogger logger, string app, string settings);

    [LoggerMessage(9032, LogLevel.Warning, "App {App}: its file is gone. It takes no more requests; what it was asked before goes on")]
    private static partial void Removed(ILogger logger, string app);

    [LoggerMessage(9033, LogLevel.Error, "{Setting}: {Fault}. The app stays as it was")]
    private static partial void Refuse(ILogger logger, string setting, string fault);

    [LoggerMessage(9034, LogLevel.Warning, "Apps were changed on disk, and wait for Redis: {Failure}")]
    private static partial void Waiting(ILogger logger, string failure);
}

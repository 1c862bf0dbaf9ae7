using Microsoft.Extensions.Logging;
using PushFanout.Worker.Brakes;

namespace PushFanout.Worker.Hosting.Reload;

/// <summary>
/// Takes over keys and certificates that were replaced on disk. A new one has to load and to sign before it is used; the old one is kept until what was
/// begun with it has its answers. One that cannot be used changes nothing.
/// </summary>
internal sealed partial class CredentialRenewal : IAsyncDisposable
{
    private readonly PushFanoutOptions _options;
    private readonly ServedApps _served;
    private readonly AppBrakes _brakes;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Dictionary<string, TwiceSeen> _seen;
    private readonly Dictionary<string, (string Name, byte[] Digest)> _inUse;
    private readonly HashSet<string> _refused = [];
    private readonly List<(RetiredClient Client, bool WasIdle)> _retired = [];

    public CredentialRenewal(PushFanoutOptions options, CredentialSet loaded, ServedApps served, AppBrakes brakes, TimeProvider clock, ILogger<CredentialRenewal> logger)
    {
        (_options, _served, _brakes, _clock, _logger) = (options, served, brakes, clock, logger);
        _inUse = loaded.ByName.ToDictionary(credential => credential.Key, credential => (credential.Value.ToString()!, CredentialFiles.DigestOf(options.Credentials[credential.Key])));
        _seen = _inUse.ToDictionary(credential => credential.Key, credential => new TwiceSeen(credential.Value.Digest));
    }

    /// <summary>Credentials whose files cannot be used as they are now.</summary>
    public int Refused => _refused.Count;

    /// <summary>Clients of replaced credentials that are still kept.</summary>
    public int Retiring => _retired.Count;

    public async Task LookAsync()
    {
        await LetGoAsync();
        foreach (var (name, credential) in _options.Credentials)
        {
            var digest = CredentialFiles.DigestOf(credential);
            if (_seen[name].IsNew(digest))
            {
                _seen[name].Judged(digest);
                Renew(name, credential, digest);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (retired, _) in _retired)
        {
            await EndAsync(retired);
        }
    }

    private void Renew(string name, CredentialOptions credential, byte[] digest)
    {
        var (inUse, inUseDigest) = _inUse[name];
        if (digest.AsSpan().SequenceEqual(inUseDigest))
        {
            _refused.Remove(name); // put back as it was
            return;
        }
        var loaded = CredentialSet.Load([new(name, credential)], _clock);
        if (loaded.Faults.Count > 0)
        {
            _refused.Add(name);
            Refuse(_logger, name, inUse, string.Join("; ", loaded.Faults));
            return;
        }
        _refused.Remove(name);
        var renewed = loaded.ByName[name];
        _retired.AddRange(_served.Renew(name, renewed).Select(client => (client, false)));
        Renewed(_logger, name, renewed.ToString()!, inUse);
        _inUse[name] = (renewed.ToString()!, digest);
    }

    /// <summary>Ends clients through which nothing was sent at two looks in a row: a batch may be between its app and its first push.</summary>
    private async Task LetGoAsync()
    {
        for (var i = _retired.Count - 1; i >= 0; i--)
        {
            var (retired, wasIdle) = _retired[i];
            var isIdle = retired.Client.Statistics.PushesInFlight == 0 && !retired.Apps.Any(_brakes.IsBusy);
            if (isIdle && wasIdle)
            {
                _retired.RemoveAt(i);
                await EndAsync(retired);
            }
            else
            {
                _retired[i] = (retired, isIdle);
            }
        }
    }

    private async Task EndAsync(RetiredClient retired)
    {
        await retired.Client.DisposeAsync();
        if (!_retired.Any(other => ReferenceEquals(other.Client.Credential, retired.Credential)))
        {
            retired.Credential.Dispose();
        }
    }

    [LoggerMessage(9020, LogLevel.Information, "Credential {Name}: {Credential} from now on; {Old} ends with what was begun with it")]
    private static partial void Renewed(ILogger logger, string name, string credential, string old);

    [LoggerMessage(9021, LogLevel.Error, "Credential {Name}: its files were changed and cannot be used, {InUse} stays in use: {Faults}")]
    private static partial void Refuse(ILogger logger, string name, string inUse, string faults);
}

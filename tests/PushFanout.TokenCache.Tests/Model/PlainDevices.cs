namespace PushFanout.TokenCache.Tests.Model;

/// <summary>
/// What the devices of an app are after some calls, in the plainest way: a list of records and of removals, nothing distributed. Moments are
/// steps of half a minute from now; whatever was said before now arrives now.
/// </summary>
internal sealed class PlainDevices
{
    private readonly Dictionary<int, Registered> _devices = [];
    private readonly Dictionary<int, int> _removed = [];
    private readonly Dictionary<string, int> _removedUsers = [];

    public IReadOnlyDictionary<int, Registered> Devices => _devices;

    public RegistrationResult Register(int token, int at, string? user, string[]? audiences)
    {
        var known = _devices.GetValueOrDefault(token);
        if (at <= _removed.GetValueOrDefault(token, int.MinValue) || at < known?.At)
        {
            return RegistrationResult.Stale;
        }
        _devices[token] = new Registered(at, user, [.. (audiences ?? known?.Audiences ?? []).Order(StringComparer.Ordinal)]);
        if (user is not null && at <= _removedUsers.GetValueOrDefault(user, int.MinValue))
        {
            Remove(token, at);
            return RegistrationResult.Stale;
        }
        return known is null ? RegistrationResult.Added : RegistrationResult.Renewed;
    }

    public int Unregister(int token, int at) => RemoveUnless(token, at, device => device.At > at);

    public int Retire(int token, int since) => RemoveUnless(token, since, device => device.Arrived > since);

    public int UnregisterUser(string user, int at)
    {
        _removedUsers[user] = Math.Max(at, _removedUsers.GetValueOrDefault(user, int.MinValue));
        var theirs = _devices.Where(device => device.Value.User == user && device.Value.At <= at).ToList();
        theirs.ForEach(device => Remove(device.Key, device.Value.At));
        return theirs.Count;
    }

    /// <param name="user">Whose devices; null for the one with the token.</param>
    public void Change(int token, string? user, string audience, bool joins)
    {
        foreach (var (each, device) in _devices.Where(device => user is null ? device.Key == token : device.Value.User == user).ToList())
        {
            _devices[each] = device with { Audiences = [.. device.Audiences.Where(name => name != audience).Concat(joins ? [audience] : []).Order(StringComparer.Ordinal)] };
        }
    }

    private int RemoveUnless(int token, int at, Predicate<Registered> isNewer)
    {
        var known = _devices.GetValueOrDefault(token);
        if (known is not null && isNewer(known))
        {
            return 0;
        }
        Remove(token, at);
        return known is null ? 0 : 1;
    }

    private void Remove(int token, int at)
    {
        _devices.Remove(token);
        _removed[token] = Math.Max(at, _removed.GetValueOrDefault(token, int.MinValue));
    }

    internal sealed record Registered(int At, string? User, string[] Audiences)
    {
        /// <summary>Against feedback a registration counts from its arrival, a little after now, if that is later.</summary>
        public double Arrived => Math.Max(At, 0.5);
    }
}

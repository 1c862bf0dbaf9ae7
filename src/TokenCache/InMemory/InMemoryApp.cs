namespace PushFanout.TokenCache.InMemory;

/// <summary>
/// The devices of one app and the rules for them, without any distribution: what Redis does in several steps and scripts
/// happens here at once. Not for use by two threads at once. Moments are milliseconds.
/// </summary>
internal sealed class InMemoryApp(int shards)
{
    private readonly Dictionary<ReadOnlyMemory<byte>, Device>[] _shards =
        [.. Enumerable.Range(0, shards).Select(_ => new Dictionary<ReadOnlyMemory<byte>, Device>(TokenComparer.Instance))];
    private readonly Dictionary<string, HashSet<ReadOnlyMemory<byte>>> _tokensOfUser = [];
    private readonly Dictionary<string, Claim> _claims = [];
    private readonly Tombstones<ReadOnlyMemory<byte>> _goneTokens = new(TokenComparer.Instance);
    private readonly Tombstones<string> _goneUsers = new();
    private readonly Tombstones<string> _goneDeviceIds = new();
    private readonly SortedDictionary<string, bool> _audiences = new(StringComparer.Ordinal);

    public int Shards => _shards.Length;

    public IEnumerable<string> AudienceNames => _audiences.Keys;

    public Device? Find(ReadOnlyMemory<byte> token) => Shard(token).GetValueOrDefault(token);

    public IEnumerable<Device> InShard(int shard) => _shards[shard].Values;

    public IEnumerable<Device> OfUser(string userId) =>
        _tokensOfUser.TryGetValue(userId, out var tokens) ? tokens.Select(token => Find(token)!) : [];

    public Device? OfDeviceId(string deviceId) =>
        _claims.TryGetValue(deviceId, out var claim) && Find(claim.Token) is { } device && device.DeviceId == deviceId ? device : null;

    public RegistrationResult Register(DeviceRegistration registration, long now)
    {
        var at = Clamp(DeviceLimits.Milliseconds(registration.At), now);
        var old = Find(registration.Token);
        if (_goneTokens.Covers(registration.Token, at) || at < old?.At)
        {
            if (NullIfEmpty(registration.DeviceId) is { } id)
            {
                RemoveDeviceId(id, at - 1, now); // it still says that the device had left its older tokens by then
            }
            return RegistrationResult.Stale;
        }
        var device = new Device(old?.Token ?? registration.Token.ToArray(), Math.Max(at, now), at,
            NullIfEmpty(registration.UserId), NullIfEmpty(registration.DeviceId),
            registration.Audiences is { } audiences ? [.. DeviceLimits.Stored(audiences)] : old?.Audiences ?? []);
        Store(device, now);
        _goneTokens.Remove(device.Token);
        var claimed = TryClaim(device, now);
        if (!claimed || (device.UserId is { } user && _goneUsers.Covers(user, at)))
        {
            RemoveForOwner(device, now); // it was true for a while, so what was there before is gone too
            return RegistrationResult.Stale;
        }
        return old is null ? RegistrationResult.Added : RegistrationResult.Renewed;
    }

    /// <summary>Removes the device unless the caller says that it is later, and remembers the removal unless it is.</summary>
    public Device? Remove(ReadOnlyMemory<byte> token, long at, long now, Predicate<Device> isLater)
    {
        var device = Find(token);
        if (device is not null && isLater(device))
        {
            return null;
        }
        if (device is not null)
        {
            Drop(device, now);
        }
        _goneTokens.Add(device?.Token ?? token.ToArray(), at, now);
        return device;
    }

    /// <returns>How many devices were removed.</returns>
    public int RemoveUser(string userId, long at, long now)
    {
        _goneUsers.Add(userId, at, now);
        var known = OfUser(userId).Where(device => device.At <= at).ToList();
        known.ForEach(device => RemoveForOwner(device, now));
        return known.Count;
    }

    /// <returns>How many devices were removed.</returns>
    public int RemoveDeviceId(string deviceId, long at, long now)
    {
        _goneDeviceIds.Add(deviceId, at, now);
        if (OfDeviceId(deviceId) is not { } device || device.At > at)
        {
            return 0;
        }
        RemoveForOwner(device, now);
        return 1;
    }

    public bool Join(Device device, string audience, long now)
    {
        if (device.Audiences.Contains(audience))
        {
            return false;
        }
        Store(device with { Audiences = [.. device.Audiences, audience] }, now);
        return true;
    }

    public bool Leave(Device device, string audience, long now)
    {
        if (!device.Audiences.Contains(audience))
        {
            return false;
        }
        Store(device with { Audiences = [.. device.Audiences.Where(name => name != audience)] }, now);
        return true;
    }

    public static long Clamp(long at, long now) => Math.Min(at, now + (long)DeviceLimits.ClockSkew.TotalMilliseconds);

    /// <summary>Gives the device id its newer token and removes the older; false when the device id is gone or has a later token.</summary>
    private bool TryClaim(Device device, long now)
    {
        if (device.DeviceId is not { } id)
        {
            return true;
        }
        if (_goneDeviceIds.Covers(id, device.At))
        {
            return false;
        }
        if (_claims.TryGetValue(id, out var held) && held.Token.Span.SequenceCompareTo(device.Token.Span) is var order and not 0)
        {
            if (held.At > device.At || (held.At == device.At && order > 0))
            {
                return false;
            }
            if (OfDeviceId(id) is { } older)
            {
                RemoveForOwner(older, now);
            }
        }
        _claims[id] = new Claim(device.Token, device.At);
        return true;
    }

    /// <summary>
    /// Removes a device because its user or device id is gone. The token is gone only up to its own registration: what the
    /// owner registers late, the owner's tombstone stops, and another owner may have had the token since.
    /// </summary>
    private void RemoveForOwner(Device device, long now)
    {
        Drop(device, now);
        _goneTokens.Add(device.Token, device.At, now);
    }

    private void Store(Device device, long now)
    {
        if (Find(device.Token) is { } old)
        {
            ForgetUser(old);
            if (old.DeviceId != device.DeviceId)
            {
                ForgetDeviceId(old, now);
            }
        }
        Shard(device.Token)[device.Token] = device;
        if (device.UserId is { } user)
        {
            if (!_tokensOfUser.TryGetValue(user, out var tokens))
            {
                _tokensOfUser[user] = tokens = new HashSet<ReadOnlyMemory<byte>>(TokenComparer.Instance);
            }
            tokens.Add(device.Token);
        }
        foreach (var name in device.Audiences)
        {
            _audiences[name] = true;
        }
    }

    private void Drop(Device device, long now)
    {
        Shard(device.Token).Remove(device.Token);
        ForgetUser(device);
        ForgetDeviceId(device, now);
    }

    private void ForgetUser(Device device)
    {
        if (device.UserId is { } user && _tokensOfUser.TryGetValue(user, out var tokens) && tokens.Remove(device.Token) && tokens.Count == 0)
        {
            _tokensOfUser.Remove(user);
        }
    }

    /// <summary>An older token of the device id may still register late; it stays gone.</summary>
    private void ForgetDeviceId(Device device, long now)
    {
        if (device.DeviceId is { } id && _claims.TryGetValue(id, out var claim) && claim.Token.Span.SequenceEqual(device.Token.Span))
        {
            _claims.Remove(id);
            _goneDeviceIds.Add(id, claim.At - 1, now);
        }
    }

    private Dictionary<ReadOnlyMemory<byte>, Device> Shard(ReadOnlyMemory<byte> token) => _shards[TokenHash.Shard(token.Span, Shards)];

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    internal sealed record Device(
        ReadOnlyMemory<byte> Token, long RegisteredAt, long At, string? UserId, string? DeviceId, IReadOnlyList<string> Audiences)
    {
        public bool IsIn(string audience) => audience == DeviceLimits.AllDevices || Audiences.Contains(audience);

        public DeviceRecord ToRecord() =>
            new(Token, DateTimeOffset.FromUnixTimeMilliseconds(RegisteredAt), UserId, DeviceId, [.. Audiences.Order(StringComparer.Ordinal)]);

        public DeviceRegistration ToRegistration() =>
            new(Token, DateTimeOffset.FromUnixTimeMilliseconds(At), DeviceId, UserId, [.. Audiences.Order(StringComparer.Ordinal)]);

        public override string ToString() => $"device in {Audiences.Count} audiences";
    }

    private readonly record struct Claim(ReadOnlyMemory<byte> Token, long At)
    {
        public override string ToString() => "claim";
    }
}

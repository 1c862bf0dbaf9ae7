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
        var (userId, deviceId) = (NullIfEmpty(registration.UserId), NullIfEmpty(registration.DeviceId));
        if (_goneTokens.Since(registration.Token, at) is not null || at < old?.At)
        {
            return RegistrationResult.Stale;
        }
        var token = old?.Token ?? registration.Token.ToArray();
        if (OvertakenAt(token, at, userId, deviceId) is { } overtakenAt)
        {
            Remove(token, overtakenAt, now, _ => false); // this registration was true for a while, so no older one is any more
            return RegistrationResult.Stale;
        }
        if (deviceId is not null && OfDeviceId(deviceId) is { } sameDevice && !sameDevice.Token.Span.SequenceEqual(token.Span))
        {
            Remove(sameDevice.Token, at, now, _ => false);
        }
        Store(new Device(token, Math.Max(at, now), at, userId, deviceId,
            registration.Audiences is { } audiences ? [.. DeviceLimits.Stored(audiences)] : old?.Audiences ?? []));
        _goneTokens.Remove(token);
        return old is null ? RegistrationResult.Added : RegistrationResult.Renewed;
    }

    /// <summary>When the user or the device id was removed, or the device id got another token, if that was later.</summary>
    private long? OvertakenAt(ReadOnlyMemory<byte> token, long at, string? userId, string? deviceId)
    {
        if (userId is not null && _goneUsers.Since(userId, at) is { } userGone)
        {
            return userGone;
        }
        if (deviceId is null)
        {
            return null;
        }
        if (_goneDeviceIds.Since(deviceId, at) is { } deviceIdGone)
        {
            return deviceIdGone;
        }
        return _claims.TryGetValue(deviceId, out var claim)
            && (claim.At, claim.Token.Span.SequenceCompareTo(token.Span)) is var (claimedAt, order)
            && (claimedAt > at || (claimedAt == at && order > 0)) && order != 0
            ? claimedAt
            : null;
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
            Drop(device);
        }
        _goneTokens.Add(device?.Token ?? token.ToArray(), at, now);
        return device;
    }

    public void BuryUser(string userId, long at, long now) => _goneUsers.Add(userId, at, now);

    public void BuryDeviceId(string deviceId, long at, long now) => _goneDeviceIds.Add(deviceId, at, now);

    public bool Join(Device device, string audience)
    {
        if (device.Audiences.Contains(audience))
        {
            return false;
        }
        Store(device with { Audiences = [.. device.Audiences, audience] });
        return true;
    }

    public bool Leave(Device device, string audience)
    {
        if (!device.Audiences.Contains(audience))
        {
            return false;
        }
        Store(device with { Audiences = [.. device.Audiences.Where(name => name != audience)] });
        return true;
    }

    public static long Clamp(long at, long now) => Math.Min(at, now + (long)DeviceLimits.ClockSkew.TotalMilliseconds);

    private void Store(Device device)
    {
        if (Find(device.Token) is { } old)
        {
            Drop(old);
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
        if (device.DeviceId is { } deviceId)
        {
            _claims[deviceId] = new Claim(device.Token, device.At);
        }
        foreach (var name in device.Audiences)
        {
            _audiences[name] = true;
        }
    }

    private void Drop(Device device)
    {
        Shard(device.Token).Remove(device.Token);
        if (device.UserId is { } user && _tokensOfUser.TryGetValue(user, out var tokens) && tokens.Remove(device.Token) && tokens.Count == 0)
        {
            _tokensOfUser.Remove(user);
        }
        if (device.DeviceId is { } deviceId && _claims.TryGetValue(deviceId, out var claim) && claim.Token.Span.SequenceEqual(device.Token.Span))
        {
            _claims.Remove(deviceId);
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

        public override string ToString() => $"device in {Audiences.Count} audiences";
    }

    private readonly record struct Claim(ReadOnlyMemory<byte> Token, long At)
    {
        public override string ToString() => "claim";
    }
}

namespace PushFanout.TokenCache;

/// <summary>A device as an app back end registers it.</summary>
/// <param name="Token">The device token's bytes, 1–100.</param>
/// <param name="At">When the device registered; clamped to now + 5 min. The stored moment is the later of this and the arrival.</param>
/// <param name="DeviceId">The app's own id of the device; a new token with the same id replaces the old token. Null when not given.</param>
/// <param name="UserId">Who uses the device now; null when not given.</param>
/// <param name="Audiences">The audiences of the token: a list replaces what was there, null leaves it. <c>all</c> is implied.</param>
public sealed record DeviceRegistration(
    ReadOnlyMemory<byte> Token, DateTimeOffset At, string? DeviceId = null, string? UserId = null, IReadOnlyList<string>? Audiences = null)
{
    /// <summary>Never the token, nor who it belongs to.</summary>
    public override string ToString() => $"device of {Token.Length} token bytes";
}

/// <summary>What a registration did.</summary>
public enum RegistrationResult
{
    /// <summary>The device was not known, or had been removed before.</summary>
    Added,
    /// <summary>The device was known; its record is renewed.</summary>
    Renewed,
    /// <summary>A later registration or removal stands; nothing changed.</summary>
    Stale,
}

/// <summary>Exactly one of the three is given.</summary>
public sealed record DeviceSelector
{
    private DeviceSelector() { }
    /// <summary>The token's bytes.</summary>
    public ReadOnlyMemory<byte>? Token { get; private init; }
    /// <summary>The app's own id of the device.</summary>
    public string? DeviceId { get; private init; }
    /// <summary>The user; stands for all devices of the user.</summary>
    public string? UserId { get; private init; }
    /// <summary>By token.</summary>
    public static DeviceSelector ByToken(ReadOnlyMemory<byte> token) => new() { Token = token };
    /// <summary>By the app's own id of the device.</summary>
    public static DeviceSelector ByDeviceId(string deviceId) => new() { DeviceId = deviceId };
    /// <summary>Every device of a user.</summary>
    public static DeviceSelector ByUser(string userId) => new() { UserId = userId };
    /// <summary>Which kind, never the value.</summary>
    public override string ToString() => Token is not null ? "by token" : DeviceId is not null ? "by device id" : "by user";
}

/// <summary>Members to add to and remove from one audience.</summary>
/// <param name="Audience">The audience's name; not <c>all</c>.</param>
/// <param name="AddUsers">Users whose devices join.</param>
/// <param name="AddTokens">Tokens that join.</param>
/// <param name="RemoveUsers">Users whose devices leave.</param>
/// <param name="RemoveTokens">Tokens that leave.</param>
public sealed record AudienceChange(
    string Audience,
    IReadOnlyList<string> AddUsers,
    IReadOnlyList<ReadOnlyMemory<byte>> AddTokens,
    IReadOnlyList<string> RemoveUsers,
    IReadOnlyList<ReadOnlyMemory<byte>> RemoveTokens);

/// <summary>What an audience change did.</summary>
/// <param name="Added">Tokens that were not members before.</param>
/// <param name="Removed">Tokens that were members before.</param>
/// <param name="Unknown">Tokens that are not registered and were left out.</param>
public readonly record struct AudienceChangeResult(int Added, int Removed, int Unknown);

/// <summary>A token that APNs called dead.</summary>
/// <param name="Token">The token's bytes.</param>
/// <param name="Since">When APNs confirmed it dead; without a timestamp in the answer, when the push was sent.</param>
/// <param name="Reason">APNs' word, for example <c>Unregistered</c>.</param>
public readonly record struct DeadToken(ReadOnlyMemory<byte> Token, DateTimeOffset Since, string Reason)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => $"dead token ({Reason})";
}

/// <summary>A device that was removed because APNs called its token dead.</summary>
/// <param name="Token">The token's bytes.</param>
/// <param name="UserId">The user on record, or null.</param>
/// <param name="DeviceId">The app's own id on record, or null.</param>
/// <param name="Reason">APNs' word.</param>
/// <param name="Since">When APNs confirmed it dead.</param>
public sealed record RetiredDevice(ReadOnlyMemory<byte> Token, string? UserId, string? DeviceId, string Reason, DateTimeOffset Since)
{
    /// <summary>Never the token, nor who it belonged to.</summary>
    public override string ToString() => $"retired device ({Reason})";
}

/// <summary>A device as it is stored.</summary>
/// <param name="Token">The token's bytes.</param>
/// <param name="RegisteredAt">The later of what the registration said and its arrival.</param>
/// <param name="UserId">The user on record, or null.</param>
/// <param name="DeviceId">The app's own id, or null.</param>
/// <param name="Audiences">Names in order, without <c>all</c>.</param>
public sealed record DeviceRecord(
    ReadOnlyMemory<byte> Token, DateTimeOffset RegisteredAt, string? UserId, string? DeviceId, IReadOnlyList<string> Audiences)
{
    /// <summary>Never the token, nor who it belongs to.</summary>
    public override string ToString() => $"device in {Audiences.Count} audiences";
}

/// <summary>How an audience spreads.</summary>
/// <param name="Tokens">Estimated number of tokens; an upper bound when only one audience is joined, a guess otherwise.</param>
/// <param name="Shards">The most shards that may hold members.</param>
/// <param name="Exact">Whether <paramref name="Tokens"/> is exact.</param>
public readonly record struct AudienceEstimate(long Tokens, int Shards, bool Exact);

/// <summary>An audience and its size.</summary>
public readonly record struct AudienceCount(string Name, long Tokens);

/// <summary>What an import did.</summary>
/// <param name="Added">Devices not known before.</param>
/// <param name="Renewed">Devices known before.</param>
/// <param name="Stale">Devices with a later registration or removal on record.</param>
public readonly record struct ImportResult(long Added, long Renewed, long Stale);

namespace PushFanout.TokenCache;

/// <summary>
/// Devices and audiences of apps. Two implementations keep the same promises and pass the same tests: Redis, for production,
/// and memory, for the demo. Tokens are raw bytes; every method may throw <see cref="TokenCacheUnavailableException"/> when
/// the store does not answer in time: that is never reported as an empty audience.
/// </summary>
public interface ITokenCache
{
    /// <summary>
    /// Fixes the number of shards of an app at its first use, and checks it ever after. Call once per app at start.
    /// </summary>
    /// <exception cref="ShardCountMismatchException">The app exists with another number of shards.</exception>
    Task OpenAppAsync(string app, int shards, CancellationToken cancellationToken);

    /// <summary>Registers a device or renews its registration. The later of two by <c>At</c> wins, whatever their order.</summary>
    Task<RegistrationResult> RegisterAsync(string app, DeviceRegistration device, CancellationToken cancellationToken);

    /// <summary>Removes the device with this token, or this device id, or every device of this user, unless registered later than <paramref name="at"/>.</summary>
    /// <returns>How many devices were removed.</returns>
    Task<int> UnregisterAsync(string app, DeviceSelector device, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Adds and removes members of one audience; users stand for all their devices, unknown tokens are counted, not added.</summary>
    Task<AudienceChangeResult> ChangeAudienceAsync(string app, AudienceChange change, CancellationToken cancellationToken);

    /// <summary>
    /// Removes tokens that APNs called dead, each only if it was not registered after its <c>Since</c>, and leaves a tombstone
    /// so that a late registration from before cannot bring it back.
    /// </summary>
    /// <returns>The devices that were removed; a token that is gone already or was registered later is not among them.</returns>
    Task<IReadOnlyList<RetiredDevice>> RetireAsync(string app, IReadOnlyList<DeadToken> tokens, CancellationToken cancellationToken);

    /// <summary>Which of these audience names have never had a member. The audience <c>all</c> is always known.</summary>
    Task<IReadOnlyList<string>> FindUnknownAudiencesAsync(string app, IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>
    /// A cheap guess of how the audience spreads: an upper bound of shards that hold members, and an estimate of tokens in total.
    /// Exact when <see cref="AudienceEstimate.Exact"/>.
    /// </summary>
    Task<AudienceEstimate> EstimateAsync(string app, AudienceExpression audience, CancellationToken cancellationToken);

    /// <summary>How many tokens the expression means, exactly, at some moment during the call.</summary>
    Task<long> CountAsync(string app, AudienceExpression audience, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the tokens of the expression that live in shards <paramref name="firstShard"/> (inclusive) to
    /// <paramref name="endShard"/> (exclusive); the algebra runs inside the store. No token twice; the order means nothing.
    /// </summary>
    Task<PackedTokens> ReadAsync(string app, AudienceExpression audience, int firstShard, int endShard, CancellationToken cancellationToken);

    /// <summary>The devices behind a selector as they are now; empty when there are none.</summary>
    Task<IReadOnlyList<DeviceRecord>> FindDevicesAsync(string app, DeviceSelector device, CancellationToken cancellationToken);

    /// <summary>
    /// Every device of one shard as a registration that would make it again, its moment the one that the app back end gave. For export; the order
    /// means nothing.
    /// </summary>
    Task<IReadOnlyList<DeviceRegistration>> ReadDevicesAsync(string app, int shard, CancellationToken cancellationToken);

    /// <summary>Audience names of the app with their member counts, in name order, <c>all</c> first.</summary>
    Task<IReadOnlyList<AudienceCount>> ListAudiencesAsync(string app, CancellationToken cancellationToken);

    /// <summary>
    /// Registers many devices from a stream, in bounded memory, with the rules of <see cref="RegisterAsync"/>.
    /// <paramref name="progress"/> hears the number done so far.
    /// </summary>
    Task<ImportResult> ImportAsync(string app, IAsyncEnumerable<DeviceRegistration> devices, IProgress<long>? progress, CancellationToken cancellationToken);
}

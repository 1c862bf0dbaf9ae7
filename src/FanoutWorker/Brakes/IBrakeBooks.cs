namespace PushFanout.Worker.Brakes;

/// <summary>
/// What all workers together know about the answers of each app. Two implementations answer alike: Redis, and memory for a
/// process that is alone. Every call may throw <see cref="TokenCache.TokenCacheUnavailableException"/>; then nothing may be removed.
/// </summary>
internal interface IBrakeBooks
{
    /// <summary>Adds answers to the window, opens the brake if they demand it, and grants pushes.</summary>
    /// <param name="app">The app's name.</param>
    /// <param name="approach">How APNs is approached for it, see <see cref="Hosting.ServedApp.Approach"/>: another one has to earn its trust anew.</param>
    /// <param name="report">What was heard and what is wanted.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<AppCondition> ReportAsync(string app, string approach, AppReport report, CancellationToken cancellationToken);

    /// <summary>How the brake stands.</summary>
    Task<BrakeStatus> ReadAsync(string app, CancellationToken cancellationToken);

    /// <summary>Closes the brake if it is open, and decides about what is in quarantine.</summary>
    /// <param name="app">The app's name.</param>
    /// <param name="decision">What the operator says.</param>
    /// <param name="saidAt">When it was said; a brake that opened later stays open. Null is now.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How it stands then.</returns>
    Task<BrakeStatus> DecideAsync(string app, BrakeDecision decision, DateTimeOffset? saidAt, CancellationToken cancellationToken);

    /// <summary>Takes from this minute's removals; false when they would be too many. The first of a minute are never too many, for a report is not divided.</summary>
    Task<bool> TakeRemovalsAsync(string app, int tokens, CancellationToken cancellationToken);

    /// <summary>Counts tokens that went into quarantine.</summary>
    Task CountQuarantinedAsync(string app, string reason, int tokens, CancellationToken cancellationToken);
}

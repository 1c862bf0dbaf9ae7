namespace PushFanout.Worker.Brakes;

/// <summary>What an operator says about an app whose brake is open, or about what is in quarantine.</summary>
internal enum BrakeDecision
{
    /// <summary>Go on sending; what is in quarantine stays there.</summary>
    Resume,
    /// <summary>The answers are right: go on, remove what is in quarantine.</summary>
    Release,
    /// <summary>The answers were somebody's mistake: go on, keep what is in quarantine.</summary>
    Discard,
}

/// <summary>The brake of an app as an operator sees it.</summary>
/// <param name="Open">Sends wait and nothing is removed.</param>
/// <param name="OpenedAt">When it opened last; null when it never did.</param>
/// <param name="Unregistered">Unregistered answers in the window when it opened.</param>
/// <param name="Suspect">Suspect answers in the window when it opened.</param>
/// <param name="Answers">All answers in the window when it opened.</param>
/// <param name="ReleasedAt">Tokens quarantined up to then are removed.</param>
/// <param name="DiscardedAt">Tokens quarantined up to then are kept.</param>
/// <param name="RestsUntil">APNs refused the credential, nothing is sent before; null when it did not.</param>
/// <param name="Quarantined">Tokens put into quarantine since the last release or discard, by the reason APNs gave.</param>
internal sealed record BrakeStatus(
    bool Open, DateTimeOffset? OpenedAt, long Unregistered, long Suspect, long Answers, DateTimeOffset? ReleasedAt, DateTimeOffset? DiscardedAt,
    DateTimeOffset? RestsUntil, IReadOnlyDictionary<string, long> Quarantined);

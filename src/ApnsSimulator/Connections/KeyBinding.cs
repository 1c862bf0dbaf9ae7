namespace PushFanout.ApnsSimulator;

/// <summary>The key of a connection's first push binds the connection, and its provider token may change only so often.</summary>
internal sealed class KeyBinding(SimulatorOptions options, LintFindings findings)
{
    // Streams of one connection are handled side by side, so a push sent just before the token changed may be looked at just after.
    private static readonly TimeSpan Overtaking = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private readonly TimeProvider time = options.TimeProvider;
    private volatile VerifiedToken? current;
    private volatile bool sawExpired;
    private VerifiedToken? previous;
    private int changedWith;
    private SimulatorKey? boundTo;
    private long? changedAt;

    /// <summary>The token of the latest push; null before the first.</summary>
    public VerifiedToken? Current => current;

    /// <summary>Whether an expired token has spoiled the connection for later ones.</summary>
    public bool IsSpoiled => sawExpired && options.Rules.StaysExpired;

    public void SawExpiredToken() => sawExpired = true;

    /// <summary>Binds the connection to its first token, or lets a further one take over; null when all is well.</summary>
    /// <param name="streamId">Of the push that carries it.</param>
    public PushReply? Use(VerifiedToken token, int streamId)
    {
        lock (gate)
        {
            if (boundTo is null)
            {
                boundTo = token.Key;
                current = token;
                return null;
            }
            if (token.Text == current!.Text)
            {
                current = token; // the same, verified again after the keys changed
                return null;
            }
            if (RefuseOtherKey(token.Key) is { } refusal)
            {
                return refusal;
            }
            var now = time.GetTimestamp();
            if (changedAt is { } at)
            {
                var sinceChange = time.GetElapsedTime(at, now);
                if (token.Text == previous?.Text && (options.Rules.CountsStepsBack ? streamId < changedWith : sinceChange < Overtaking))
                {
                    return null;
                }
                if (sinceChange < options.ProviderTokenUpdateInterval)
                {
                    findings.Count(Finding.ProviderTokenChangedTooOften);
                    return Refusals.TooManyProviderTokenUpdates;
                }
            }
            findings.Count(Finding.ProviderTokenChanged);
            changedAt = now;
            changedWith = streamId;
            previous = current;
            current = token;
            return null;
        }
    }

    private PushReply? RefuseOtherKey(SimulatorKey key)
    {
        if (key.TeamId != boundTo!.TeamId)
        {
            return Refusals.InvalidProviderToken;
        }
        return key.KeyId == boundTo.KeyId || key.KeyId == boundTo.RelatedKeyId ? null : Refusals.UnrelatedKeyIdInToken;
    }
}

namespace PushFanout.Apns.Connections;

/// <summary>
/// How many streams a connection may use: one until APNs has taken the credential, then as many as the server is known or assumed
/// to allow. A refused stream halves the assumption and rests the connection for a moment, once for all that were under way with it; each answer raises
/// it by a little.
/// </summary>
internal sealed class StreamPacing(int maximum, TimeProvider clock)
{
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private double assumed = maximum;
    private TimeSpan rest = TimeSpan.Zero;
    private long? refusedAt;

    /// <summary>Whether APNs has answered a push with this credential on this connection.</summary>
    public bool WarmedUp { get; private set; }

    public int Limit(int? peerLimit) => WarmedUp ? Math.Min(peerLimit ?? maximum, (int)assumed) : Math.Min(peerLimit ?? 1, 1);

    public bool IsResting => refusedAt is { } since && rest > TimeSpan.Zero && clock.GetElapsedTime(since) < rest;

    public void Answered(bool authenticated)
    {
        WarmedUp |= authenticated;
        rest = TimeSpan.Zero;
        assumed = Math.Min(maximum, assumed + (1 / assumed)); // one more per round of answers
    }

    /// <summary>APNs refused the credential: one push at a time until it takes it, so that a wrong key costs few pushes.</summary>
    public void CredentialRefused() => WarmedUp = false;

    /// <param name="begunAt">When the refused push was begun.</param>
    public void Refused(int inFlight, long begunAt)
    {
        if (begunAt <= refusedAt)
        {
            return; // of the same burst: it says nothing about the streams that are allowed since
        }
        assumed = Math.Max(1, Math.Min(assumed, inFlight + 1) / 2);
        var next = rest * 2;
        rest = next < ShortestRest ? ShortestRest : next > LongestRest ? LongestRest : next;
        refusedAt = clock.GetTimestamp();
    }
}

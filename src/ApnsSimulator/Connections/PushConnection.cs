using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace PushFanout.ApnsSimulator;

/// <summary>
/// What APNs knows about one connection: the key of its first push binds it, and its provider token may change only so often.
/// </summary>
internal sealed class PushConnection(ConnectionContext transport, TimeProvider time)
{
    // Streams of one connection are handled side by side, so a push sent just before the token changed may be looked at just after.
    private static readonly TimeSpan Overtaking = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private volatile VerifiedToken? current;
    private VerifiedToken? previous;
    private SimulatorKey? boundTo;
    private long? changedAt;

    /// <summary>The token of the latest push; null before the first.</summary>
    public VerifiedToken? Current => current;

    /// <summary>Set once TLS is up, when the client showed a certificate that is known.</summary>
    public SimulatorClientCertificate? Certificate { get; set; }

    public void Drop()
    {
        transport.Abort(new ConnectionAbortedException("The simulator drops this connection."));
        Thaw(); // so that the end is noticed
    }

    public void SendGoAway() => transport.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    public void Freeze() => transport.Features.GetRequiredFeature<FreezeGate>().Freeze();

    public void Thaw() => transport.Features.GetRequiredFeature<FreezeGate>().Thaw();

    /// <summary>Binds the connection to its first token, or lets a further one take over; null when all is well.</summary>
    public PushReply? Use(VerifiedToken token, TimeSpan updateInterval, LintFindings findings)
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
                if (token.Text == previous?.Text && sinceChange < Overtaking)
                {
                    return null;
                }
                if (sinceChange < updateInterval)
                {
                    findings.Count(Finding.ProviderTokenChangedTooOften);
                    return Refusals.TooManyProviderTokenUpdates;
                }
            }
            findings.Count(Finding.ProviderTokenChanged);
            changedAt = now;
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

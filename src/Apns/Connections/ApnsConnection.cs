using PushFanout.Apns.Transport;

namespace PushFanout.Apns.Connections;

/// <summary>One connection and the books on its streams. Belongs to the pump's gate.</summary>
internal sealed class ApnsConnection(ApnsTransport transport, int maxStreams, TimeProvider clock)
{
    // A transport that cannot see the server's limit keeps what it cannot start yet. A handful of those fills every gap; more
    // would only wait where nobody counts their time.
    private const int MaxUnwritten = 16;

    public ApnsTransport Transport { get; } = transport;

    public StreamPacing Pacing { get; } = new(maxStreams, clock);

    public int InFlight { get; private set; }

    public int Unwritten { get; private set; }

    public bool IsOpen => End is null;

    public ApnsConnectionEnd? End { get; private set; }

    /// <summary>Whether APNs has ever answered here.</summary>
    public bool WasUseful { get; private set; }

    /// <summary>When the last answer came, or else when the connection was made.</summary>
    public long LastAnswerAt { get; private set; } = clock.GetTimestamp();

    public int StreamLimit => Pacing.Limit(Transport.PeerStreamLimit);

    public int FreeStreams => !IsOpen || Unwritten >= MaxUnwritten || Pacing.IsResting ? 0 : Math.Max(0, StreamLimit - InFlight);

    public void Begun()
    {
        InFlight++;
        Unwritten++;
    }

    /// <returns>Whether that made room for a push that could not begin before.</returns>
    public bool Written() => Unwritten-- == MaxUnwritten;

    public void Finished(bool wasWritten)
    {
        InFlight--;
        if (!wasWritten)
        {
            Unwritten--;
        }
    }

    public void Answered(bool authenticated)
    {
        LastAnswerAt = clock.GetTimestamp();
        WasUseful |= authenticated;
        Pacing.Answered(authenticated);
    }

    public void Close(ApnsConnectionEnd why) => End ??= why;
}

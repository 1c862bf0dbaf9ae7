using PushFanout.Apns.Sending;
using PushFanout.Apns.Transport.Http2;

namespace PushFanout.Apns.Connections;

/// <summary>One connection and the books on its streams. Belongs to the pump's gate.</summary>
internal sealed class ApnsConnection(int maxStreams, TimeProvider clock)
{
    private int mostAllowed;

    /// <summary>Set once, right after it was made.</summary>
    public Http2Connection Wire { get; set; } = null!;

    /// <summary>Its number among the open ones, from 0; a later connection gets it again.</summary>
    public required int Place { get; init; }

    public StreamPacing Pacing { get; } = new(maxStreams, clock);

    /// <summary>Pushes that have a stream and are not written yet; some of them may have been called back.</summary>
    public Queue<Push> Unwritten { get; private set; } = new();

    public int InFlight { get; set; }

    public bool IsOpen => End is null;

    public ApnsConnectionEnd? End { get; private set; }

    /// <summary>Whether APNs has ever answered here.</summary>
    public bool WasUseful { get; private set; }

    /// <summary>When the last answer came, or else when the connection was made.</summary>
    public long LastAnswerAt { get; private set; } = clock.GetTimestamp();

    /// <summary>Since when the server has allowed no stream at all; null while it allows some.</summary>
    public long? ShutSince { get; private set; }

    /// <summary>The server has allowed more before: it slows us down, and more connections would be against its wish.</summary>
    public bool IsSlowedDown => IsOpen && Wire.States.PeerLimit < mostAllowed / 2;

    public int StreamLimit => Pacing.Limit(Wire.States.PeerLimit);

    public int FreeStreams => !IsOpen || Pacing.IsResting ? 0 : Math.Max(0, StreamLimit - InFlight);

    public void Answered(bool authenticated, long now)
    {
        LastAnswerAt = now;
        WasUseful |= authenticated;
        Pacing.Answered(authenticated);
    }

    public void LimitChanged()
    {
        mostAllowed = Math.Max(mostAllowed, Math.Min(Wire.States.PeerLimit ?? 0, maxStreams));
        ShutSince = Wire.States.PeerLimit == 0 ? ShutSince ?? clock.GetTimestamp() : null;
    }

    /// <summary>Forgets those that were called back.</summary>
    public void SiftUnwritten() => Unwritten = new Queue<Push>(Unwritten.Where(push => push.Stage == PushStage.Begun));

    public void Close(ApnsConnectionEnd why) => End ??= why;
}

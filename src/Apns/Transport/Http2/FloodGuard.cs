using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// Frames that cost us work and bring no answer: PING, SETTINGS, RST_STREAM, empty DATA, whatever comes on streams that have ended. A decent server sends
/// some for each push and a few besides.
/// </summary>
internal sealed class FloodGuard(TimeProvider clock)
{
    private const int PerSecond = 1000;
    private const int PerAnswer = 4;
    private const int Most = 100_000;

    private long since = clock.GetTimestamp();
    private int left = PerSecond;

    /// <summary>One more of them has come.</summary>
    /// <returns>Null while it is no flood.</returns>
    public ConnectionFault? Useless() => TrySpend() ? null : new ConnectionFault(ErrorCode.EnhanceYourCalm, "a flood of frames that answer nothing");

    public void Earn(int answers) => left = Math.Min(Most, left + (PerAnswer * answers));

    private bool TrySpend()
    {
        if (left > 0)
        {
            left--;
            return true;
        }
        if (clock.GetElapsedTime(since) < TimeSpan.FromSeconds(1))
        {
            return false;
        }
        since = clock.GetTimestamp();
        left = PerSecond;
        return true;
    }
}

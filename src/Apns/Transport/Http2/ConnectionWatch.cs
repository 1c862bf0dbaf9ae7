using PushFanout.Apns.Transport.Http2.Frames;

namespace PushFanout.Apns.Transport.Http2;

/// <summary>
/// Notices a connection that is open and dead, also at its stream limit and after GOAWAY: when nothing has come for a while it sends a PING, and when nothing comes
/// after that either, the connection ends. Within ten seconds when pushes wait.
/// </summary>
internal sealed class ConnectionWatch(Http2Connection connection, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietWhilePushesWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan QuietWhileIdle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan SettingsTimeout = TimeSpan.FromSeconds(5);

    private readonly long openedAt = clock.GetTimestamp();
    private long heardAt = clock.GetTimestamp();
    private long pingedAt;
    private bool pinged;
    private bool greeted;
    private bool acknowledged;
    private ITimer? timer;

    public void Start() => timer = clock.CreateTimer(_ => Look(), null, Tick, Tick);

    /// <summary>Something came from the server.</summary>
    /// <returns>When.</returns>
    public long Heard()
    {
        var now = clock.GetTimestamp();
        Volatile.Write(ref heardAt, now);
        return now;
    }

    public void Greeted() => greeted = true;

    public void SettingsAcknowledged() => acknowledged = true;

    public ValueTask DisposeAsync() => timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Look()
    {
        var heard = Volatile.Read(ref heardAt);
        if (!greeted && clock.GetElapsedTime(openedAt) >= SettingsTimeout)
        {
            connection.End(ApnsConnectionEnd.Stalled, "no SETTINGS came", lastWord: null);
        }
        else if (!acknowledged && clock.GetElapsedTime(openedAt) >= 2 * SettingsTimeout)
        {
            connection.Fail(new ConnectionFault(ErrorCode.SettingsTimeout, "our SETTINGS were not acknowledged"));
        }
        else if (pinged && heard >= pingedAt)
        {
            pinged = false;
        }
        else if (pinged && clock.GetElapsedTime(pingedAt) >= PingTimeout)
        {
            connection.End(ApnsConnectionEnd.Stalled, "no frame came, and no answer to a PING", lastWord: null);
        }
        else if (!pinged && clock.GetElapsedTime(heard) >= (connection.Streams.Open > 0 ? QuietWhilePushesWait : QuietWhileIdle))
        {
            pinged = true;
            pingedAt = clock.GetTimestamp();
            connection.Send(new ControlFrame(FrameType.Ping, 0, (ulong)pingedAt));
        }
        connection.LetGoIfIdle();
    }
}

using PushFanout.Apns.Sending;

namespace PushFanout.Apns.Transport;

/// <summary>
/// One HTTP/2 connection to APNs, already open: the seam between deciding which push goes where and when (all above it) and making
/// frames of it (all below it). A transport never retries, never reconnects and keeps no deadline.
/// </summary>
internal abstract class ApnsTransport : IDisposable
{
    /// <summary>Called once, from any thread, when the connection takes no more requests; open ones still get their results.</summary>
    public Action? Ended { get; set; }

    /// <summary>The server's own limit of open streams; null for a transport that cannot see it.</summary>
    public abstract int? PeerStreamLimit { get; }

    /// <summary>
    /// Starts a push. It hears <see cref="Push.TryStartWriting"/> before its body goes out and exactly one
    /// <see cref="Push.Finish"/>, never from within this call. <see cref="ExchangeEnd.NotSent"/> to a push that nobody gave up
    /// comes after <see cref="Ended"/>.
    /// </summary>
    public abstract void Begin(Push push);

    /// <summary>Nobody waits for this push any more: ends its stream, and its result follows soon.</summary>
    public abstract void GiveUp(Push push);

    /// <summary>Closes the connection; whatever is open on it is lost.</summary>
    public abstract void Dispose();
}

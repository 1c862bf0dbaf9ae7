using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Transport;

namespace PushFanout.Apns.Sending;

/// <summary>How far a push has come.</summary>
internal enum PushStage : byte
{
    /// <summary>With the transport; nothing of its body has gone out.</summary>
    Begun,
    /// <summary>Its body goes out or has gone out: from here on only an answer can say whether it was handled.</summary>
    Written,
    /// <summary>Called back before its body went out; it never will.</summary>
    Withdrawn,
    /// <summary>Written, and its answer is overdue.</summary>
    Overdue,
}

/// <summary>
/// One push on one connection. Used again for another push once it has ended the ordinary way; its state belongs to the pump's gate.
/// </summary>
internal sealed class Push(PushPump pump)
{
    public PushList List { get; private set; } = null!;

    /// <summary>Position of the token in <see cref="List"/>.</summary>
    public int Index { get; private set; }

    public ApnsConnection Connection { get; private set; } = null!;

    public PushStage Stage { get; set; }

    /// <summary>When it was first begun, on any connection.</summary>
    public long FirstBegunAt { get; private set; }

    public long BegunAt { get; private set; }

    public long WrittenAt { get; set; }

    /// <summary>When the status line came; 0 before.</summary>
    public long AnsweredAt { get; private set; }

    /// <summary>How often APNs had it sent again on another connection.</summary>
    public int Resends { get; private set; }

    /// <summary>The provider token it carries; null with a client certificate.</summary>
    public ProviderTokenValue? Authorization { get; set; }

    /// <summary>Where it is among the pushes in flight.</summary>
    public int Position { get; set; }

    /// <summary>The transport's own.</summary>
    public object? Exchange { get; set; }

    public ApnsNotification Notification => List.Notification;

    public ReadOnlyMemory<byte> Token => List.Tokens.Span[Index];

    public void Prepare(in PendingPush pending, ApnsConnection connection, long now)
    {
        List = pending.List;
        Index = pending.Index;
        Resends = pending.Resends;
        Connection = connection;
        FirstBegunAt = pending.FirstBegunAt ?? now;
        BegunAt = now;
        WrittenAt = 0;
        AnsweredAt = 0;
        Stage = PushStage.Begun;
        Exchange = null;
    }

    /// <summary>The transport is about to hand over the body. False: the push was withdrawn, and nothing of it may be written.</summary>
    public bool TryStartWriting() => pump.TryStartWriting(this);

    /// <summary>The transport has the status line.</summary>
    public void StatusArrived() => AnsweredAt = pump.Timestamp;

    /// <summary>The transport is done with the push, and must not touch it any more.</summary>
    /// <returns>Whether it ended the ordinary way: an answer, in time. Nobody will ask the transport to give it up then.</returns>
    public bool Finish(in ExchangeResult result) => pump.Finished(this, result);
}

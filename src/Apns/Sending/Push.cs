using PushFanout.Apns.Answers;
using PushFanout.Apns.Connections;
using PushFanout.Apns.Credentials;
using PushFanout.Apns.Transport;
using PushFanout.Apns.Transport.Http2;

namespace PushFanout.Apns.Sending;

/// <summary>How far a push has come.</summary>
internal enum PushStage : byte
{
    /// <summary>Has a stream to come; nothing of it has gone out.</summary>
    Begun,
    /// <summary>Goes out or has gone out: from here on only its connection can say whether it was handled.</summary>
    Written,
    /// <summary>Called back before it went out; it never will.</summary>
    Withdrawn,
    /// <summary>Written, and its answer is overdue.</summary>
    Overdue,
}

/// <summary>
/// One push on one connection. Used again for another push once it has ended the ordinary way; its state belongs to the pump's gate.
/// </summary>
internal sealed class Push
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
    public ProviderTokenValue? Authorization { get; private set; }

    /// <summary>Where it is among the pushes in flight.</summary>
    public int Position { get; set; }

    /// <summary>The connection's own, and kept from one push to the next.</summary>
    public Http2Stream? Stream { get; set; }

    /// <summary>What the connection says became of it.</summary>
    public ExchangeResult Result { get; set; }

    /// <summary>What that means.</summary>
    public Verdict Verdict { get; set; }

    /// <summary>What happens next, once it has a verdict.</summary>
    public AfterEnd AfterEnd { get; set; }

    public ApnsNotification Notification => List.Notification;

    public ReadOnlyMemory<byte> Token => List.Tokens.Span[Index];

    /// <summary>Whether the caller would still let it start.</summary>
    public bool MayStillGo => !List.Stopped && List.Starts is not { IsOver: true };

    public void Prepare(in PendingPush pending, ApnsConnection connection, ProviderTokenValue? authorization, long now)
    {
        List = pending.List;
        Index = pending.Index;
        Resends = pending.Resends;
        Connection = connection;
        Authorization = authorization;
        FirstBegunAt = pending.FirstBegunAt ?? now;
        BegunAt = now;
        WrittenAt = 0;
        AnsweredAt = 0;
        Stage = PushStage.Begun;
    }

    /// <summary>The connection has the status line.</summary>
    public void StatusArrived(long now) => AnsweredAt = now;
}

/// <summary>What becomes of a push that its connection is done with.</summary>
[Flags]
internal enum AfterEnd : byte
{
    Answer = 0,
    /// <summary>It goes out again, and its list hears nothing.</summary>
    Again = 1,
    /// <summary>Nobody holds it any more.</summary>
    Spare = 2,
}

using PushFanout.Apns.Connections;

namespace PushFanout.Apns.Sending;

/// <summary>Every push that a transport holds, and what may still happen to it. Belongs to the pump's gate.</summary>
internal sealed class PushesInFlight(PushPump pump, ApnsClientOptions options, TimeProvider clock)
{
    private readonly List<Push> pushes = [];
    private readonly Stack<Push> spare = new();

    public int Count => pushes.Count;

    public Push Begin(in PendingPush pending, ApnsConnection connection)
    {
        if (!spare.TryPop(out var push))
        {
            push = new Push(pump);
        }
        push.Prepare(pending, connection, clock.GetTimestamp());
        connection.Begun();
        push.Position = pushes.Count;
        pushes.Add(push);
        return push;
    }

    /// <param name="madeRoom">Its connection may take one more now.</param>
    /// <returns>Whether its body may go out.</returns>
    public bool TryWrite(Push push, out bool madeRoom)
    {
        madeRoom = false;
        if (push is { Stage: PushStage.Begun, List.Starts.IsOver: true })
        {
            push.Stage = PushStage.Withdrawn; // begun in time, and then the process stood still
        }
        if (push.Stage == PushStage.Begun)
        {
            push.Stage = PushStage.Written;
            push.WrittenAt = clock.GetTimestamp();
            madeRoom = push.Connection.Written();
        }
        return push.Stage != PushStage.Withdrawn;
    }

    /// <param name="ordinary">Nobody else can still hold the push: it may serve again.</param>
    public void End(Push push, bool ordinary)
    {
        var last = pushes[^1];
        pushes[push.Position] = last;
        last.Position = push.Position;
        pushes.RemoveAt(pushes.Count - 1);
        push.Connection.Finished(wasWritten: push.Stage is PushStage.Written or PushStage.Overdue);
        push.Stage = PushStage.Withdrawn; // an answer may come before the body was asked for: it need not go out any more
        if (ordinary)
        {
            spare.Push(push);
        }
    }

    /// <summary>Stops the lists that <paramref name="wanted"/> picks.</summary>
    /// <returns>Their pushes of which nothing has been written: the transport is to give them up.</returns>
    public List<Push> Withdraw(Predicate<PushList> wanted)
    {
        List<Push> withdrawn = [];
        foreach (var push in pushes)
        {
            if (wanted(push.List))
            {
                push.List.Stopped = true;
                TryWithdraw(push, withdrawn);
            }
        }
        return withdrawn;
    }

    /// <returns>Pushes that have waited too long for a stream or an answer: the transport is to give them up.</returns>
    public List<Push> TakeLate()
    {
        List<Push> late = [];
        foreach (var push in pushes)
        {
            if (clock.GetElapsedTime(push.BegunAt) >= options.StartTimeout)
            {
                TryWithdraw(push, late);
            }
            if (push.Stage == PushStage.Written && clock.GetElapsedTime(push.WrittenAt) >= options.AnswerTimeout)
            {
                push.Stage = PushStage.Overdue;
                late.Add(push);
            }
        }
        return late;
    }

    private static void TryWithdraw(Push push, List<Push> withdrawn)
    {
        if (push.Stage == PushStage.Begun)
        {
            push.Stage = PushStage.Withdrawn;
            withdrawn.Add(push);
        }
    }
}
